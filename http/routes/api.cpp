#include "http/routes/api.hpp"

#include "http/gateway/asio_actor.hpp"
#include "http/routes/checks.hpp"
#include "http/routes/request_context.hpp"
#include "http/routes/route_table.hpp"
#include "http/server/io_thread.hpp"

namespace souk::http {
namespace {

/// Answers what is no route. True: done.
bool answer_without_route(request_context& ctx, const match& m) {
  switch (m.kind) {
  case match_kind::found: return false;
  case match_kind::no_path:
    fail(ctx, {404, "not_found", "There is nothing at this path."});
    return true;
  case match_kind::bad_path: fail(ctx, {400, "bad_request", "The path is not valid."}); return true;
  case match_kind::unknown_method:
    fail(ctx, {501, "not_implemented", "This method is not known here."});
    return true;
  case match_kind::no_method: {
    auto out = make_problem({405, "method_not_allowed", "This path has other methods: see Allow."},
                            ctx.req.request_id);
    out.headers.emplace_back("Allow", m.allow);
    respond(ctx, std::move(out));
    return true;
  }
  case match_kind::options: {
    response out;
    out.status = 204;
    out.headers.emplace_back("Allow", m.allow);
    respond(ctx, std::move(out));
    return true;
  }
  }
  return false;
}

class api : public application {
public:
  api(backend shop, caf::actor_system& system, boost::asio::io_context& io)
    : core_{std::make_shared<api_core>(std::move(shop))}, gateway_{system, io} {
    core_->self = &gateway_.self();
  }

  void handle(request&& req, reply answer) override {
    auto ctx = std::make_shared<request_context>(core_, std::move(req), std::move(answer));
    guarded(*ctx, [&] { route_request(ctx); });
  }

  void complete(response& refusal, const std::string&) const override {
    core_->counts.refused(refusal.status, refusal.code);
  }

private:
  static void route_request(const context_ptr& ctx) {
    const std::string_view target = ctx->req.target;
    const auto path_end = std::min(target.find('?'), target.size());
    const auto m = all_routes().find(ctx->req.method, target.substr(0, path_end));
    if (answer_without_route(*ctx, m))
      return;
    ctx->at = m.at;
    ctx->id = m.id;
    ctx->id2 = m.id2;
    ctx->user_id = m.user_id;
    if (admit(*ctx) && authenticate(*ctx) && take_key(*ctx) && take_query(*ctx) && take_body(*ctx))
      with_known_caller(ctx, ctx->at->run);
  }

  std::shared_ptr<api_core> core_;
  gateway gateway_;
};

} // namespace

std::unique_ptr<application> make_api(backend shop, caf::actor_system& system,
                                      boost::asio::io_context& io) {
  const auto forms = shop.forms;
  auto cors = shop.cors;
  auto all = aliases::with_aliases(std::make_unique<api>(std::move(shop), system, io), forms);
  return with_cors(std::move(all), std::move(cors));
}

std::unique_ptr<application> make_api(backend shop, caf::actor_system& system, io_thread& thread) {
  return make_api(std::move(shop), system, thread.context());
}

} // namespace souk::http
