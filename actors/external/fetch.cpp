#include "actors/external/fetch.hpp"

#include "actors/external/address.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

namespace souk::external {

namespace {

constexpr size_t max_headers = 64 * 1024; ///< bytes, of all answers on the way

/// An address and port in the bytes of the network.
struct endpoint {
  int family = 0;
  uint16_t port = 0;
  std::array<uint8_t, 16> address{};

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

endpoint endpoint_of(const sockaddr& from) {
  endpoint to;
  to.family = from.sa_family;
  if (from.sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &from, sizeof v4);
    to.port = ntohs(v4.sin_port);
    std::memcpy(to.address.data(), &v4.sin_addr, sizeof v4.sin_addr);
  } else if (from.sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &from, sizeof v6);
    to.port = ntohs(v6.sin6_port);
    std::memcpy(to.address.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
  }
  return to;
}

std::string text_of(const endpoint& x) {
  char text[INET6_ADDRSTRLEN] = "?";
  inet_ntop(x.family, x.address.data(), text, sizeof text);
  return text;
}

struct address_parts {
  std::string scheme;
  std::string host; ///< IPv6 addresses in brackets
  uint16_t port = 0;
};

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK)
    return {};
  std::string copy{text};
  curl_free(text);
  return copy;
}

std::optional<address_parts> take_apart(const std::string& text) {
  std::unique_ptr<CURLU, void (*)(CURLU*)> url{curl_url(), curl_url_cleanup};
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK)
    return std::nullopt;
  address_parts parts{part(url.get(), CURLUPART_SCHEME), part(url.get(), CURLUPART_HOST), 0};
  auto port = part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(port.data(), port.data() + port.size(), parts.port);
  if ((parts.scheme != "http" && parts.scheme != "https") || parts.host.empty() || parts.port == 0
      || text.find_first_of("?#") != text.npos)
    return std::nullopt;
  return parts;
}

/// The addresses that a host names by itself; none for a name that must be resolved.
std::vector<endpoint> named_by(const address_parts& parts) {
  std::vector<endpoint> all;
  auto add = [&](int family, const std::string& host) {
    endpoint x{family, parts.port, {}};
    if (inet_pton(family, host.c_str(), x.address.data()) == 1)
      all.push_back(x);
  };
  if (parts.host == "localhost") {
    add(AF_INET, "127.0.0.1");
    add(AF_INET6, "::1");
  } else if (parts.host.starts_with('[')) {
    add(AF_INET6, parts.host.substr(1, parts.host.size() - 2));
  } else {
    add(AF_INET, parts.host);
  }
  return all;
}

} // namespace

bool usable_url(const std::string& url) {
  return take_apart(url).has_value();
}

struct fetcher::connection {
  explicit connection(const actors::external_config& c) : config{c} {
    static const auto ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (auto parts = take_apart(config.url); parts && ready == CURLE_OK) {
      allowed = named_by(*parts);
      redirects = parts->scheme == "https" ? "https" : "http,https";
      easy = curl_easy_init();
    }
    while (config.url.ends_with('/'))
      config.url.pop_back();
  }
  ~connection() {
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  // -- called by libcurl: no exception may leave them

  static size_t on_body(const char* bytes, size_t, size_t n, void* self) {
    auto& c = *static_cast<connection*>(self);
    if (n > c.config.max_body - c.body.size()) {
      c.refusal = "the answer is too large";
      return 0;
    }
    try {
      c.body.append(bytes, n);
    } catch (const std::bad_alloc&) {
      return 0;
    }
    return n;
  }

  static size_t on_header(const char*, size_t, size_t n, void* self) {
    auto& c = *static_cast<connection*>(self);
    c.header_bytes += n;
    if (c.header_bytes <= max_headers)
      return n;
    c.refusal = "the answer's headers are too large";
    return 0;
  }

  static curl_socket_t on_socket(void* self, curlsocktype, curl_sockaddr* to) {
    auto& c = *static_cast<connection*>(self);
    auto wanted = endpoint_of(to->addr);
    if (!c.config.allow_private && !is_public(to->addr)
        && std::find(c.allowed.begin(), c.allowed.end(), wanted) == c.allowed.end()) {
      try {
        c.refusal = "refused to connect to " + text_of(wanted) + ", which is not public";
      } catch (const std::bad_alloc&) {
        // refused without a word
      }
      return CURL_SOCKET_BAD;
    }
    return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
  }

  /// All options, each time: what one request left behind cannot matter to the next. False: an
  /// option that keeps it within its limits is not there.
  bool prepare(const std::string& url) {
    curl_easy_reset(easy);
    if (headers == nullptr)
      headers = curl_slist_append(nullptr, "Accept: application/json");
    bool all = headers != nullptr;
    auto set = [&](CURLoption option, auto x) {
      all = all && curl_easy_setopt(easy, option, x) == CURLE_OK;
    };
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_HTTPHEADER, headers);
    set(CURLOPT_USERAGENT, "souk");
    set(CURLOPT_NOSIGNAL, 1L); // other threads must not see SIGALRM
    set(CURLOPT_PROXY, "");
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(config.connect_timeout.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(config.timeout.count()));
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, redirects);
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, config.max_redirects);
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(config.max_body));
    set(CURLOPT_WRITEFUNCTION, &on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_OPENSOCKETFUNCTION, &on_socket);
    set(CURLOPT_OPENSOCKETDATA, this);
    set(CURLOPT_ERRORBUFFER, error);
    return all;
  }

  std::optional<std::string> url_of(const std::string& id) {
    std::unique_ptr<char, void (*)(void*)> escaped{
      curl_easy_escape(easy, id.data(), static_cast<int>(id.size())), curl_free};
    if (!escaped)
      return std::nullopt;
    return config.url + "/products/" + escaped.get();
  }

  /// Whether a request ended because of what the source had answered, rather than for want of an
  /// answer. Before the first header nothing has been answered.
  bool refused_answer(CURLcode done) const {
    if (header_bytes == 0)
      return false;
    switch (done) {
    case CURLE_COULDNT_CONNECT:                      // a redirect to an address that is not public,
    case CURLE_WRITE_ERROR: return !refusal.empty(); // or too large; else it broke off
    case CURLE_FILESIZE_EXCEEDED:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT: return true;
    default: return false;
    }
  }

  actors::external_config config;
  std::vector<endpoint> allowed; ///< though not public
  const char* redirects = "";
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  std::string body;
  std::string refusal; ///< why this side ended the request
  size_t header_bytes = 0;
  char error[CURL_ERROR_SIZE] = "";
};

fetcher::fetcher(const actors::external_config& config)
  : connection_{std::make_unique<connection>(config)} {}
fetcher::fetcher(fetcher&&) noexcept = default;
fetcher& fetcher::operator=(fetcher&&) noexcept = default;
fetcher::~fetcher() = default;

fetched fetcher::get(const std::string& id) {
  auto& c = *connection_;
  if (c.easy == nullptr)
    return {0, {}, "no usable address, or no memory"};
  auto url = c.url_of(id);
  if (!url || !c.prepare(*url))
    return {0, {}, "libcurl refuses an option"};
  c.body.clear();
  c.refusal.clear();
  c.header_bytes = 0;
  c.error[0] = '\0';
  const auto done = curl_easy_perform(c.easy);
  if (done == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(c.easy, CURLINFO_RESPONSE_CODE, &status);
    return {status, std::move(c.body), {}};
  }
  const bool refused = c.refused_answer(done);
  if (!c.refusal.empty())
    return {0, {}, c.refusal, refused};
  return {0, {}, c.error[0] != '\0' ? c.error : curl_easy_strerror(done), refused};
}

} // namespace souk::external
