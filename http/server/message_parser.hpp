// Beast's parser, reporting into what the server keeps of a request.
#pragma once

#include "http/server/framing.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace souk::http {

/// Parses one request. Derived from basic_parser and not the ready-made request_parser, because
/// that one copies every field into a tree of its own, and merges trailers into it. Feed the header
/// section in one piece: the views in `header_fields` point into it.
class message_parser final : public boost::beast::http::basic_parser<true> {
public:
  /// `header` is used until the header section is done; `body` is appended to and must outlive the
  /// parser.
  message_parser(header_fields& header, std::string& body) : header_{header}, body_{body} {}

private:
  using field = boost::beast::http::field;
  using verb = boost::beast::http::verb;
  using error_code = boost::beast::error_code;
  using view = boost::beast::string_view;
  using length = boost::optional<std::uint64_t>;

  void on_request_impl(verb, view method, view target, int version, error_code&) override;
  void on_response_impl(int, view, int, error_code&) override {}
  void on_field_impl(field id, view name, view value, error_code& ec) override;
  void on_header_impl(error_code&) override { header_done_ = true; }
  void on_body_init_impl(const length& size, error_code&) override;
  std::size_t on_body_impl(view bytes, error_code&) override;
  void on_chunk_header_impl(std::uint64_t, view extensions, error_code& ec) override;
  std::size_t on_chunk_body_impl(std::uint64_t, view bytes, error_code&) override;
  void on_finish_impl(error_code&) override {}

  /// Counts bytes of extensions and trailers, and fails beyond a limit.
  void ignore(std::size_t n, error_code& ec);

  header_fields& header_;
  std::string& body_;
  bool header_done_ = false; ///< fields from now on are trailers
  std::size_t ignored_bytes_ = 0;
};

} // namespace souk::http
