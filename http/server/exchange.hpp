// What passes between the server (bytes) and the routes (meaning).
#pragma once

#include "http/server/body_stream.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace souk::http {

/// One request whose frame has been checked: within all limits, exactly one valid Host.
struct request {
  std::string method; ///< as sent, e.g. `GET`
  std::string target; ///< origin form as sent, e.g. `/api/v1/orders?limit=5`; path and query
  std::string body;
  std::string content_type; ///< the header's value; empty: none
  std::string authorization;
  std::string payment_signature; ///< X-Payment-Signature
  std::string user_id;           ///< X-User-ID: worth nothing unless the peer is trusted
  std::string idempotency_key;
  bool has_idempotency_key = false; ///< so that an empty one can be refused
  std::string if_match;
  std::string if_none_match;
  std::string last_event_id; ///< where a client resumes a stream of events; empty: none
  std::string request_id;    ///< valid: taken over from X-Request-Id or made; never empty
  std::string origin;        ///< the page that a browser asks for; empty: none
  std::string forwarded_for; ///< X-Forwarded-For, several joined: worth what the peer is
  std::string peer;          ///< address of the connection's other end, without the port

  // Never from outside: set where one request is turned into others (http/aliases).
  std::string on_behalf_of;     ///< a user's UUID, for an ADMIN or that user; `me`: as no ADMIN
  bool trusted_catalog = false; ///< may change the catalog without a token
  std::string sent_as;          ///< what an Idempotency-Key stands for, in place of target and body
};

struct response {
  unsigned status = 200;
  std::string body;
  std::string_view content_type = "application/json"; ///< of static storage; ignored without a body
  std::vector<std::pair<std::string, std::string>> headers; ///< besides the server's own

  std::string_view code; ///< a problem's, of static storage; empty: it is none, or not known here

  /// Set: the answer is a stream, which begins with `body`. A status without a body ends it at
  /// once.
  std::shared_ptr<body_stream> stream;
};

/// Answers one request on the io thread that delivered it. Copies share one answer: the first wins,
/// later ones are ignored, and their streams closed. When the last copy goes unused, the client
/// gets 503 `outcome_unknown`: no client waits for ever because of a mistake of ours.
class reply {
public:
  /// Called at most once.
  using sink = std::function<void(response&&)>;

  explicit reply(sink to) : state_{std::make_shared<state>(std::move(to))} {}

  void operator()(response&& r) const { state_->answer(std::move(r)); }

private:
  struct state {
    explicit state(sink s) : to{std::move(s)} {}
    state(const state&) = delete;
    state& operator=(const state&) = delete;
    ~state(); ///< in exchange.cpp: the 503
    void answer(response&& r) {
      if (auto f = std::exchange(to, nullptr))
        f(std::move(r));
      else if (r.stream)
        r.stream->detach();
    }
    sink to;
  };
  std::shared_ptr<state> state_;
};

/// What the server serves. One per io thread; called on that thread only.
class application {
public:
  virtual ~application() = default;

  /// Takes a request and answers it now or later. Must not throw.
  virtual void handle(request&& req, reply answer) = 0;

  /// Adds what else a refusal needs that the server makes of a request by itself. `origin`: the
  /// request's, if that could be read. Must not throw but for want of memory.
  virtual void complete(response& refusal, const std::string& origin) const {
    static_cast<void>(refusal);
    static_cast<void>(origin);
  }
};

} // namespace souk::http
