#include "scripts/loadgen/tokens.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <optional>
#include <thread>

namespace souk::loadgen {

namespace {

using clock = std::chrono::steady_clock;

std::string base64url(std::string_view bytes) {
  static constexpr char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  uint32_t bits = 0;
  int held = 0;
  for (auto c : bytes) {
    bits = bits << 8 | static_cast<uint8_t>(c);
    for (held += 8; held >= 6; held -= 6)
      out += digits[bits >> (held - 6) & 63];
  }
  if (held > 0)
    out += digits[bits << (6 - held) & 63];
  return out;
}

std::vector<std::string> mint_all(const options& opts) {
  auto ids = opts.user_ids.empty() ? std::vector<std::string>{} : read_lines(opts.user_ids);
  if (!opts.user_ids.empty() && ids.size() < opts.users)
    throw failure(opts.user_ids + " holds fewer than " + std::to_string(opts.users) + " ids");
  auto now = std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
               .count();
  auto lasts =
    std::chrono::duration_cast<std::chrono::seconds>(opts.warmup + opts.duration).count();
  std::vector<std::string> out;
  for (uint32_t i = 1; i <= opts.users; ++i)
    out.push_back(mint_token(opts.secret, ids.empty() ? customer_id(i) : ids[i - 1],
                             "load-" + std::to_string(i), now, now + lasts + 3'600));
  return out;
}

/// Repeats what the server refuses only for now (429, 503), for up to a minute.
answer post(blocking_client& client, std::string_view path, const nlohmann::json& body) {
  auto until = clock::now() + std::chrono::minutes{1};
  for (;;) {
    auto result = client.send("POST", path, "Content-Type: application/json\r\n", body.dump());
    if ((result.status != 429 && result.status != 503) || clock::now() > until)
      return result;
    std::this_thread::sleep_for(std::chrono::milliseconds{200});
  }
}

std::string sign_up(blocking_client& client, const std::string& name) {
  auto password = "pass-" + name;
  auto registered =
    post(client, "/api/v1/auth/register", {{"username", name}, {"password", password}});
  if (registered.status != 201 && registered.status != 409)
    throw failure("register answered " + std::to_string(registered.status) + ": "
                  + registered.body);
  auto in = post(client, "/api/v1/auth/login", {{"username", name}, {"password", password}});
  if (in.status != 200)
    throw failure("login answered " + std::to_string(in.status) + ": " + in.body);
  return nlohmann::json::parse(in.body).at("access_token").get<std::string>();
}

/// What the workers of one sign-up share.
struct sign_up_state {
  std::vector<std::string> tokens;
  std::atomic<uint32_t> next{0};
  std::atomic<uint32_t> done{0};
  std::mutex lock;
  std::optional<std::string> error; ///< the first one; guarded by `lock`
};

void sign_up_some(sign_up_state& state, const endpoint& to, const std::string& prefix) {
  try {
    blocking_client client{to};
    for (uint32_t i; (i = state.next++) < state.tokens.size(); ++state.done)
      state.tokens[i] = sign_up(client, prefix + std::to_string(i + 1));
  } catch (const std::exception& e) {
    std::lock_guard guard{state.lock};
    if (!state.error)
      state.error = e.what();
    state.next = static_cast<uint32_t>(state.tokens.size());
  }
}

std::vector<std::string> sign_up_all(const options& opts, const endpoint& to) {
  sign_up_state state;
  state.tokens.resize(opts.users);
  auto prefix = "load-" + std::to_string(opts.seed) + "-";
  std::vector<std::jthread> workers;
  for (uint32_t i = 0; i < std::min(4u, opts.users); ++i)
    workers.emplace_back([&] { sign_up_some(state, to, prefix); });
  auto shown = clock::now();
  while (state.done < opts.users) {
    if (clock::now() - shown >= std::chrono::seconds{1}) {
      shown = clock::now();
      std::fprintf(stderr, "registering and logging in: %u of %u\n", state.done.load(), opts.users);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
    std::lock_guard guard{state.lock};
    if (state.error)
      break;
  }
  workers.clear();
  if (state.error)
    throw failure(*state.error);
  return std::move(state.tokens);
}

} // namespace

std::vector<std::string> read_lines(const std::string& path) {
  std::ifstream in(path);
  if (!in)
    throw failure("cannot read " + path);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);)
    if (!line.empty())
      out.push_back(line);
  return out;
}

/// As Souk's own: `<session>.<ms since 1970, base 36>.<random>`. The session is nobody's.
static std::string token_id(int64_t issued_at) {
  char time[24];
  auto* end = std::to_chars(time, time + sizeof time, issued_at * 1000, 36).ptr;
  return "0000000000000000." + std::string{time, end} + ".load";
}

std::string mint_token(std::string_view secret, const std::string& user_id,
                       const std::string& username, int64_t issued_at, int64_t expires_at) {
  nlohmann::json claims{{"iss", "souk"},
                        {"aud", "souk"},
                        {"sub", user_id},
                        {"user_id", user_id},
                        {"role", "USER"},
                        {"username", username},
                        {"email", username + "@example.com"},
                        {"iat", issued_at},
                        {"exp", expires_at},
                        {"jti", token_id(issued_at)}};
  auto text = base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + base64url(claims.dump());
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size)
      == nullptr)
    throw failure("cannot compute an HMAC");
  return text + "." + base64url({reinterpret_cast<const char*>(digest), size});
}

std::string customer_id(uint64_t n) {
  char out[40];
  std::snprintf(out, sizeof out, "01900000-0000-7000-8000-%012llx",
                static_cast<unsigned long long>(n & 0xffffffffffff));
  return out;
}

std::vector<std::string> make_tokens(const options& opts, const endpoint& to) {
  return opts.secret.empty() ? sign_up_all(opts, to) : mint_all(opts);
}

} // namespace souk::loadgen
