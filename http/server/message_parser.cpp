#include "http/server/message_parser.hpp"

#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace souk::http {

namespace {

/// Chunk extensions and trailers mean nothing to anybody here; more than this with one body is an
/// attack.
constexpr std::size_t max_ignored_bytes = 8'192;

/// Memory is set aside for a body only up to here before its bytes arrive.
constexpr std::uint64_t max_reserve = 65'536;

std::string_view as_std(boost::beast::string_view x) {
  return {x.data(), x.size()};
}

void join(std::string& list, std::string_view value) {
  if (!list.empty())
    list += ", ";
  list += value;
}

} // namespace

void message_parser::on_request_impl(verb, view method, view target, int version, error_code&) {
  header_.method = as_std(method);
  header_.target = as_std(target);
  header_.version = version;
}

void message_parser::ignore(std::size_t n, error_code& ec) {
  ignored_bytes_ += n;
  if (ignored_bytes_ > max_ignored_bytes)
    ec = boost::beast::http::error::bad_chunk_extension;
}

void message_parser::on_field_impl(field id, view name, view value, error_code& ec) {
  if (header_done_)
    return ignore(name.size() + value.size() + 4, ec);
  const auto text = as_std(value);
  switch (id) {
  case field::host: header_.host.add(text); break;
  case field::content_length: header_.content_length.add(text); break;
  case field::transfer_encoding: header_.transfer_encoding.add(text); break;
  case field::content_type: header_.content_type.add(text); break;
  case field::authorization: header_.authorization.add(text); break;
  case field::expect: header_.expect.add(text); break;
  // An empty one is a condition that nothing meets, not no condition.
  case field::if_match: join(header_.if_match, text.empty() ? std::string_view{","} : text); break;
  case field::origin: header_.origin.add(text); break;
  case field::if_none_match: join(header_.if_none_match, text); break;
  case field::content_encoding:
    header_.encoded = header_.encoded || !equal_ignoring_case(text, "identity");
    break;
  case field::unknown:
    if (equal_ignoring_case(as_std(name), "idempotency-key"))
      header_.idempotency_key.add(text);
    else if (equal_ignoring_case(as_std(name), "x-payment-signature"))
      header_.payment_signature.add(text);
    else if (equal_ignoring_case(as_std(name), "last-event-id"))
      header_.last_event_id.add(text);
    else if (equal_ignoring_case(as_std(name), "x-request-id"))
      header_.request_id.add(text);
    else if (equal_ignoring_case(as_std(name), "x-forwarded-for"))
      join(header_.forwarded_for, text);
    else if (equal_ignoring_case(as_std(name), "x-user-id"))
      header_.user_id.add(text);
    break;
  default: break;
  }
}

void message_parser::on_body_init_impl(const length& size, error_code&) {
  body_.reserve(static_cast<std::size_t>(std::min(size.value_or(0), max_reserve)));
}

std::size_t message_parser::on_body_impl(view bytes, error_code&) {
  body_.append(bytes.data(), bytes.size());
  return bytes.size();
}

void message_parser::on_chunk_header_impl(std::uint64_t, view extensions, error_code& ec) {
  ignore(extensions.size(), ec);
}

std::size_t message_parser::on_chunk_body_impl(std::uint64_t, view bytes, error_code&) {
  body_.append(bytes.data(), bytes.size());
  return bytes.size();
}

} // namespace souk::http
