#include "http/client/pool.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <string_view>
#include <utility>

namespace souk::client {
namespace {

constexpr size_t max_answer = 64U * 1024 * 1024; // bytes; 500 orders of 100 lines are about a tenth

/// One request on its way, with the handle that carries it.
struct transfer {
  request what;
  pool::handler then;
  clock::time_point when;
  reply got;
  CURL* handle = nullptr;
  curl_slist* headers = nullptr;
};

size_t take_body(char* data, size_t, size_t count, void* to) {
  auto& body = static_cast<transfer*>(to)->got.body;
  if (body.size() + count > max_answer)
    return 0; // ends the transfer with an error
  body.append(data, count);
  return count;
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x - 'A' + 'a' : x) == y; });
}

size_t take_header(char* data, size_t, size_t count, void* to) {
  const std::string_view line{data, count};
  const auto colon = line.find(':');
  if (colon == line.npos)
    return count;
  auto value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  value = value.substr(0, value.find_last_not_of(" \t\r\n") + 1);
  auto& got = static_cast<transfer*>(to)->got;
  if (same_name(line.substr(0, colon), "link"))
    got.link += (got.link.empty() ? "" : ", ") + std::string{value};
  else if (same_name(line.substr(0, colon), "retry-after"))
    got.retry_after = value;
  return count;
}

/// Throws unless it is an URL of HTTP with a host; without user and password, which a log may show.
std::string checked(std::string url) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parsed{curl_url(), curl_url_cleanup};
  char* part = nullptr;
  const auto has = [&](CURLUPart which) {
    const bool found = curl_url_get(parsed.get(), which, &part, 0) == CURLUE_OK;
    const std::string text = found ? part : "";
    curl_free(std::exchange(part, nullptr));
    return text;
  };
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK
      || (has(CURLUPART_SCHEME) != "http" && has(CURLUPART_SCHEME) != "https")
      || has(CURLUPART_HOST).empty() || !has(CURLUPART_USER).empty()
      || !has(CURLUPART_QUERY).empty() || !has(CURLUPART_FRAGMENT).empty())
    throw client_error{"the URL is not of the form http://host[:port] or https://host[:port]"};
  while (url.ends_with('/'))
    url.pop_back();
  return url;
}

bool is_local(const std::string& url) {
  auto host = url.substr(url.find("//") + 2);
  return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

} // namespace

struct pool::state {
  state(std::string to, unsigned count, milliseconds longest)
    : url{std::move(to)}, connections{count}, limit{longest} {
    static const auto ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    url = checked(url);
    multi = curl_multi_init();
    if (ready != CURLE_OK || !multi)
      throw client_error{"libcurl does not start"};
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, static_cast<long>(connections));
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(connections));
  }

  state(const state&) = delete;
  state& operator=(const state&) = delete;

  ~state() {
    for (auto& x : running) {
      curl_multi_remove_handle(multi, x->handle);
      curl_slist_free_all(x->headers);
      idle.push_back(x->handle);
    }
    for (auto* handle : idle)
      curl_easy_cleanup(handle);
    curl_multi_cleanup(multi);
  }

  CURL* take_handle() {
    if (idle.empty())
      return curl_easy_init();
    auto* out = idle.back();
    idle.pop_back();
    curl_easy_reset(out); // keeps its connections
    return out;
  }

  void launch(std::unique_ptr<transfer> x) {
    auto* h = x->handle = take_handle();
    if (!h)
      throw client_error{"out of memory"};
    curl_easy_setopt(h, CURLOPT_URL, (url + x->what.target).c_str());
    curl_easy_setopt(h, CURLOPT_PRIVATE, x.get());
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(h, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(std::min<int64_t>(5'000, limit.count())));
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
    curl_easy_setopt(h, CURLOPT_CUSTOMREQUEST, x->what.method.c_str());
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, x.get());
    curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(h, CURLOPT_HEADERDATA, x.get());
    if (const char* roots = std::getenv("SSL_CERT_FILE")) // as curl itself does
      curl_easy_setopt(h, CURLOPT_CAINFO, roots);
    if (is_local(url))
      curl_easy_setopt(h, CURLOPT_NOPROXY, "*");
    const auto add = [&x](const std::string& header) {
      if (auto* longer = curl_slist_append(x->headers, header.c_str()))
        x->headers = longer;
    };
    add("Accept: application/json");
    add("Expect:"); // no round trip before a large body
    if (!x->what.body.empty()) {
      add("Content-Type: application/json");
      curl_easy_setopt(h, CURLOPT_POSTFIELDS, x->what.body.data());
      curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(x->what.body.size()));
    } else if (x->what.method != "GET")
      add("Content-Length: 0");
    for (const auto& header : x->what.headers)
      add(header);
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, x->headers);
    curl_multi_add_handle(multi, h);
    running.push_back(std::move(x));
  }

  /// Starts what is due; returns when the next one is.
  clock::time_point launch_due() {
    auto next = clock::time_point::max();
    const auto now = clock::now();
    for (auto i = waiting.begin(); i != waiting.end();) {
      if ((*i)->when > now)
        next = std::min(next, (*i++)->when);
      else if (running.size() < connections) {
        launch(std::move(*i));
        i = waiting.erase(i);
      } else
        return next; // an answer comes first
    }
    return next;
  }

  void collect() {
    int left = 0;
    while (auto* message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE)
        continue;
      const auto result = message->data.result;
      auto* handle = message->easy_handle;
      const auto found = std::find_if(running.begin(), running.end(),
                                      [handle](const auto& x) { return x->handle == handle; });
      auto x = std::move(*found);
      running.erase(found);
      long status = 0;
      curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
      if (result == CURLE_OK)
        x->got.status = static_cast<unsigned>(status);
      else
        x->got.fault = curl_easy_strerror(result);
      curl_multi_remove_handle(multi, handle);
      curl_slist_free_all(x->headers);
      idle.push_back(handle);
      done.push_back(std::move(x));
    }
  }

  std::string url;
  unsigned connections;
  milliseconds limit;
  CURLM* multi = nullptr;
  std::vector<CURL*> idle;
  std::deque<std::unique_ptr<transfer>> waiting; ///< in order of arrival
  std::vector<std::unique_ptr<transfer>> running;
  std::deque<std::unique_ptr<transfer>> done; ///< their handlers were not called yet
};

pool::pool(std::string url, unsigned connections, milliseconds limit)
  : state_{std::make_unique<state>(std::move(url), connections, limit)} {}

pool::~pool() = default;

void pool::start(request what, handler then, clock::time_point when) {
  auto x = std::make_unique<transfer>();
  x->what = std::move(what);
  x->then = std::move(then);
  x->when = when;
  state_->waiting.push_back(std::move(x));
}

void pool::run_once(milliseconds longest) {
  auto& s = *state_;
  const auto next = s.launch_due();
  int active = 0;
  curl_multi_perform(s.multi, &active);
  s.collect();
  if (s.done.empty()) {
    auto wait = longest;
    if (next != clock::time_point::max())
      wait =
        std::clamp(std::chrono::ceil<milliseconds>(next - clock::now()), milliseconds{0}, wait);
    curl_multi_poll(s.multi, nullptr, 0, static_cast<int>(wait.count()), nullptr);
    curl_multi_perform(s.multi, &active);
    s.collect();
  }
  if (s.done.empty())
    return;
  auto x = std::move(s.done.front());
  s.done.pop_front();
  x->then(std::move(x->got));
}

size_t pool::busy() const {
  return state_->waiting.size() + state_->running.size() + state_->done.size();
}

unsigned pool::connections() const {
  return state_->connections;
}

const std::string& pool::url() const {
  return state_->url;
}

} // namespace souk::client
