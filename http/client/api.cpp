#include "http/client/api.hpp"

#include "http/client/console.hpp"
#include "http/client/records/raw_json.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <random>
#include <utility>

namespace souk::client {
namespace {

constexpr std::string_view login_path = "/api/v1/auth/login";

/// 128 random bits.
std::string new_key() {
  static std::random_device source;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (int word = 0; word < 4; ++word) {
    auto bits = source();
    for (int i = 0; i < 8; ++i, bits >>= 4)
      out += digits[bits & 15U];
  }
  return out;
}

/// Worth asking again: nothing happened, or the same key tells what did.
bool is_passing(const reply& x) {
  return x.status == 0 || x.status == 429 || x.status == 502 || x.status == 503 || x.status == 504;
}

bool is_success(const reply& x) {
  return x.status >= 200 && x.status < 300;
}

std::string one_line(std::string text) {
  constexpr size_t longest = 500;
  if (text.size() > longest)
    text.resize(longest);
  for (auto& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f)
      c = ' ';
  return text;
}

std::optional<milliseconds> seconds_in(std::string_view retry_after) {
  uint32_t seconds = 0;
  const auto* end = retry_after.data() + retry_after.size();
  const auto read = std::from_chars(retry_after.data(), end, seconds);
  if (read.ec != std::errc{} || read.ptr != end)
    return std::nullopt;
  return std::chrono::seconds{seconds};
}

} // namespace

std::string describe(const reply& x) {
  if (x.status == 0)
    return x.fault;
  std::string out;
  if (is_json(x.body)) {
    out = text_of(member(x.body, "detail"));
    if (out.empty())
      out = text_of(member(x.body, "title"));
    for (auto error : elements(member(x.body, "errors")))
      out += (out.empty() ? "" : "; ") + text_of(member(error, "pointer")) + " "
             + text_of(member(error, "detail"));
  }
  return one_line(out.empty() ? "status " + std::to_string(x.status) : out);
}

std::string url_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF", plain = "-._~";
  std::string out;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
        || plain.find(c) != plain.npos)
      out += c;
    else
      (out += '%') += {digits[byte >> 4], digits[byte & 15U]};
  }
  return out;
}

std::string next_target(std::string_view link) {
  while (true) {
    const auto begin = link.find('<');
    const auto end = link.find('>', begin);
    if (end == link.npos)
      return {};
    auto target = link.substr(begin + 1, end - begin - 1);
    link.remove_prefix(end + 1);
    const auto parameters = link.substr(0, link.find('<'));
    if (parameters.find("rel=\"next\"") == parameters.npos
        && parameters.find("rel=next") == parameters.npos)
      continue;
    // Only the path is used: the token goes to no other server.
    if (const auto scheme = target.find("://"); scheme != target.npos && !target.starts_with('/'))
      target.remove_prefix(std::min(target.find('/', scheme + 3), target.size()));
    return std::string{target};
  }
}

api::api(shop_login who, patience how)
  : who_{std::move(who)}, how_{how}, pool_{who_.url, who_.connections, how.answer} {}

void api::send(std::string method, std::string target, std::string body, handler then,
               milliseconds after) {
  errand x;
  if (method != "GET")
    x.key = new_key();
  x.what = {std::move(method), std::move(target), std::move(body), {}};
  x.then = std::move(then);
  x.begin = clock::now() + after;
  x.wait = how_.first_wait;
  dispatch(std::move(x), x.begin);
}

void api::dispatch(errand x, clock::time_point when) {
  auto sent = x.what;
  if (!x.key.empty())
    sent.headers.push_back("Idempotency-Key: " + x.key);
  if (!token_.empty() && sent.target != login_path)
    sent.headers.push_back("Authorization: Bearer " + token_);
  x.token = tokens_;
  pool_.start(
    std::move(sent),
    [this, x = std::move(x)](reply got) mutable { answered(std::move(x), std::move(got)); }, when);
}

void api::answered(errand x, reply got) {
  if (is_passing(got))
    return again(std::move(x), got);
  // To one who is logged in it says that the token has expired, or that the server was started
  // with another secret.
  if (got.status != 401 || tokens_ == 0 || x.refused >= 2 || x.what.target == login_path)
    return x.then(got);
  ++x.refused;
  if (x.token != tokens_)
    return dispatch(std::move(x));
  unauthorized_.push_back(std::move(x));
  if (!renewing_)
    renew();
}

clock::time_point api::next_try(errand& x, const reply& got) const {
  static std::minstd_rand dice{std::random_device{}()};
  auto wait = x.wait * (50 + static_cast<int>(dice() % 51)) / 100;
  x.wait = std::min(x.wait * 2, how_.longest_wait);
  if (const auto asked = seconds_in(got.retry_after))
    wait = std::max(wait, *asked);
  return clock::now() + wait;
}

void api::again(errand x, const reply& got) {
  const bool first_contact = tokens_ == 0 && got.status == 0;
  const auto when = next_try(x, got);
  if (first_contact || when > x.begin + how_.give_up)
    throw client_error{(got.status == 0 ? "no answer from " : "gave up on ") + url() + ": "
                       + describe(got)};
  say_waits(describe(got), x.begin, when);
  dispatch(std::move(x), when);
}

void api::say_waits(const std::string& why, clock::time_point begin, clock::time_point next) {
  using namespace std::chrono_literals;
  const auto now = clock::now();
  if (!how_.waits || next < begin + 2s || now < said_ + 10s)
    return;
  said_ = now;
  const auto left = std::chrono::ceil<std::chrono::seconds>(begin + how_.give_up - now);
  how_.waits("waiting for " + url() + ", for up to " + std::to_string(left.count())
             + " s more: " + why);
}

void api::run_once() {
  if (interrupted())
    throw client_error{"interrupted"};
  pool_.run_once();
}

void api::log_in() {
  const auto got = call("POST", std::string{login_path},
                        "{\"username\":" + json_string(who_.username)
                          + ",\"password\":" + json_string(who_.password) + "}");
  if (!is_success(got))
    throw client_error{"cannot log in as " + who_.username + ": " + describe(got)};
  auto token = is_json(got.body) ? text_of(member(got.body, "access_token")) : "";
  if (token.empty() || token.find_first_of("\r\n") != token.npos)
    throw client_error{url() + " is no Souk: its login gave no token"};
  token_ = std::move(token);
  ++tokens_;
}

void api::renew() {
  renewing_ = true;
  log_in(); // runs the pool: whoever else is refused meanwhile waits too
  renewing_ = false;
  for (auto& x : std::exchange(unauthorized_, {}))
    dispatch(std::move(x));
}

reply api::call(std::string method, std::string target, std::string body) {
  // Shared, because another request's end may leave this function by an exception.
  const auto got = std::make_shared<std::optional<reply>>();
  send(std::move(method), std::move(target), std::move(body), [got](const reply& x) { *got = x; });
  while (!*got)
    run_once();
  return std::move(**got);
}

std::string api::fetch(const std::string& what, std::string method, std::string target,
                       std::string body) {
  auto got = call(std::move(method), std::move(target), std::move(body));
  if (!is_success(got))
    throw client_error{what + ": " + describe(got)};
  return std::move(got.body);
}

void api::list(const std::string& what, std::string target,
               const std::function<void(std::string_view)>& each) {
  while (!target.empty()) {
    const auto got = call("GET", target);
    if (!is_success(got))
      throw client_error{what + ": " + describe(got)};
    if (!is_json(got.body) || !got.body.starts_with('['))
      throw client_error{what + ": the answer is no list"};
    for (auto x : elements(got.body))
      each(x);
    auto next = next_target(got.link);
    if (next == target)
      throw client_error{what + ": a page names itself as the next one"};
    target = std::move(next);
  }
}

} // namespace souk::client
