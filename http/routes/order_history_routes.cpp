// What happened to an order: whole, or as it happens.
#include "http/routes/checks.hpp"
#include "http/routes/order_commands.hpp"
#include "http/routes/order_schemas.hpp"
#include "http/routes/order_views.hpp"
#include "http/routes/schemas.hpp"
#include "http/server/body_stream.hpp"

#include <charconv>

namespace souk::http {
namespace {

using actors::order_news;

/// The shard answers a watcher after a second at the latest; this is for one that fell silent.
constexpr auto watch_timeout = std::chrono::seconds{5};

/// Answers without news until the client is shown that the stream lives.
constexpr int quiet_answers = 20;

void get_history(const context_ptr& ctx) {
  actors::get_order cmd{make_call(*ctx), ctx->id};
  ask<domain::order>(ctx, shard_of_path(*ctx), std::move(cmd),
                     [](const context_ptr& c, const domain::order& x) {
                       std::string body;
                       json_writer out{body};
                       out.begin_array();
                       for (const auto& entry : domain::history_of(x))
                         write_history_entry(out, entry);
                       out.end_array();
                       respond(*c, make_answer(*c, 200, std::move(body), version_tag(x.version)));
                     });
}

/// One client that follows an order. Kept alive by its open question to the shard; it ends with the
/// order, with the client, or when the shard cannot be asked: the client comes back then with the
/// id of the last event that it got.
struct follower : std::enable_shared_from_this<follower> {
  follower(context_ptr c, stream_places::place p) : ctx{std::move(c)}, place{std::move(p)} {}

  context_ptr ctx;
  stream_places::place place;
  std::shared_ptr<body_stream> stream;
  int64_t seen = 0;
  int quiet = 0; ///< answers without news, one after the other

  void write(const std::vector<domain::order_history_entry>& entries) {
    for (const auto& entry : entries) {
      stream->write(event_text(entry));
      seen = entry.version;
    }
  }

  void wait() {
    if (!stream->open())
      return;
    const auto& shard = shard_of_path(*ctx);
    if (!shard || !still_authenticated(*ctx))
      return stream->end();
    auto self = shared_from_this();
    ctx->core->self->open_requests().ask<order_news>(
      ctx->core->self, shard, watch_timeout, actors::watch_order{make_call(*ctx), ctx->id, seen},
      [self](const order_news& news) {
        try {
          self->take(news);
        } catch (const std::exception&) { // out of memory: it may be followed again
          self->stream->end();
        }
      },
      [self](const caf::error&) { self->stream->end(); });
  }

  void take(const order_news& news) {
    if (!still_authenticated(*ctx)) // the session may have ended meanwhile
      return stream->end();
    write(news.entries);
    quiet = news.entries.empty() ? quiet + 1 : 0;
    const bool silent = quiet == quiet_answers;
    // A delivered order may still come back, but hardly while someone watches.
    if (domain::is_final(news.status) || (silent && news.status == domain::order_status::delivered))
      return stream->end();
    if (silent) {
      stream->write(": keep-alive\n\n");
      quiet = 0;
    }
    wait();
  }
};

/// Of an event that the order has had; any other is none, so that nothing is left out.
int64_t last_event_id(const request& req, const domain::order& x) {
  int64_t id = 0;
  const auto& text = req.last_event_id;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, id);
  return read.ec == std::errc{} && read.ptr == end && id > 0 && id <= x.version ? id : 0;
}

void refuse_stream(request_context& ctx) {
  auto out = make_problem({429, "too_many_streams", "You follow too many orders at once."},
                          ctx.req.request_id);
  out.headers.emplace_back("Retry-After", std::to_string(quiet_answers));
  respond(ctx, std::move(out));
}

void stream(const context_ptr& ctx) {
  actors::get_order cmd{make_call(*ctx), ctx->id};
  ask<domain::order>(ctx, shard_of_path(*ctx), std::move(cmd),
                     [](const context_ptr& c, const domain::order& x) {
                       auto place = c->shop().doors->streams.try_take(c->caller);
                       if (!place)
                         return refuse_stream(*c);
                       auto f = std::make_shared<follower>(c, std::move(*place));
                       f->seen = last_event_id(c->req, x);
                       f->stream = std::make_shared<body_stream>();
                       auto entries = domain::history_of(x);
                       std::erase_if(entries, [&](auto& e) { return e.version <= f->seen; });
                       // After a 200 that ends a browser comes back, for ever; after a 204 it stays
                       // away.
                       if (entries.empty() && domain::is_final(x.status))
                         return respond(*c, make_answer(*c, 204, {}));
                       f->write(entries);
                       response answer;
                       answer.content_type = "text/event-stream";
                       answer.stream = f->stream;
                       respond(*c, std::move(answer));
                       if (domain::is_final(x.status))
                         f->stream->end();
                       else
                         f->wait();
                     });
}

} // namespace

void add_order_history_routes(std::vector<route>& to) {
  to.push_back({
    .path = "/api/v1/orders/{id}/events",
    .operation = "getOrderEvents",
    .summary = "What happened to an order, when, and by whom; oldest first",
    .who = access::user,
    .domain = domain::domain_id::order,
    .tagged = true,
    .answers = {{200, "the history", &schemas::order_history}},
    .run = get_history,
  });
  to.push_back({
    .path = "/api/v1/orders/{id}/stream",
    .operation = "streamOrderEvents",
    .summary = "The same as it happens (server-sent events), resumable by Last-Event-ID",
    .who = access::user,
    .domain = domain::domain_id::order,
    .resumable = true,
    .answers = {{.status = 200,
                 .description = "the history, then what happens",
                 .body = &schemas::event_stream,
                 .content_type = "text/event-stream"},
                {204, "the order is at its end, and Last-Event-ID was its last event"},
                {429, "`too_many_streams`: 50 of the caller's are open"}},
    .run = stream,
  });
}

} // namespace souk::http
