#include "http/routes/request_context.hpp"
#include "http/routes/schemas.hpp"

namespace souk::http {
namespace {

std::string address_json(const domain::kept_address& x) {
  std::string body;
  json_writer out{body};
  write_address(out, x);
  return body;
}

void list(const context_ptr& ctx) {
  actors::list_addresses cmd{make_call(*ctx), ctx->caller};
  ask<actors::address_list>(ctx, owner(ctx->shop().users, ctx->caller), std::move(cmd),
                            [](const context_ptr& c, const actors::address_list& all) {
                              std::string body;
                              json_writer out{body};
                              out.begin_array();
                              for (const auto& x : all.items)
                                write_address(out, x);
                              out.end_array();
                              respond(*c, make_answer(*c, 200, std::move(body)));
                            });
}

void get(const context_ptr& ctx) {
  actors::get_address cmd{make_call(*ctx), ctx->caller, ctx->id};
  ask<domain::kept_address>(ctx, owner(ctx->shop().users, ctx->caller), std::move(cmd),
                            [](const context_ptr& c, const domain::kept_address& x) {
                              respond(*c, make_answer(*c, 200, address_json(x)));
                            });
}

/// POST has no id in its path: then it is a new one.
void put(const context_ptr& ctx) {
  actors::put_address cmd{make_call(*ctx), ctx->caller, {}};
  cmd.address.id = ctx->id;
  cmd.address.where = {body_text(*ctx, "street"), body_text(*ctx, "city"), body_text(*ctx, "state"),
                       body_text(*ctx, "postal_code"), body_text(*ctx, "country")};
  const auto* is_default = body_field(*ctx, "is_default");
  cmd.address.is_default = is_default && is_default->boolean;
  ask<actors::address_answer>(
    ctx, owner(ctx->shop().users, ctx->caller), std::move(cmd),
    [](const context_ptr& c, const actors::address_answer& x) {
      const bool made = c->at->method == http_method::post;
      auto answer = make_change_answer(*c, made ? 201 : 200, address_json(x.value), {}, x.replayed);
      if (made)
        answer.headers.emplace_back("Location",
                                    std::string{c->at->path} + '/' + std::to_string(x.value.id));
      respond(*c, std::move(answer));
    });
}

void remove(const context_ptr& ctx) {
  actors::remove_address cmd{make_call(*ctx), ctx->caller, ctx->id};
  ask<actors::user_answer>(ctx, owner(ctx->shop().users, ctx->caller), std::move(cmd),
                           [](const context_ptr& c, const actors::user_answer& x) {
                             respond(*c, make_change_answer(*c, 204, {}, {}, x.replayed));
                           });
}

constexpr std::string_view example =
  R"({"street":"12 St James's Square","city":"London","country":"GB","is_default":true})";

} // namespace

void add_address_routes(std::vector<route>& to) {
  to.push_back({
    .path = "/api/v1/users/me/addresses",
    .operation = "listAddresses",
    .summary = "The caller's addresses, the oldest first",
    .who = access::user,
    .domain = domain::domain_id::user,
    .answers = {{200, "all of them, at most 50", &schemas::kept_addresses}},
    .run = list,
  });
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/users/me/addresses",
    .operation = "addAddress",
    .summary = "Keep an address; the first one becomes the default",
    .who = access::user,
    .domain = domain::domain_id::user,
    .body = &schemas::address_request,
    .body_example = example,
    .changes = true,
    .answers = {{201, "the address", &schemas::kept_address}, {409, "`too_many`"}},
    .run = put,
  });
  to.push_back({
    .path = "/api/v1/users/me/addresses/{id}",
    .operation = "getAddress",
    .summary = "One of the caller's addresses",
    .who = access::user,
    .domain = domain::domain_id::user,
    .answers = {{200, "the address", &schemas::kept_address}},
    .run = get,
  });
  to.push_back({
    .method = http_method::put,
    .path = "/api/v1/users/me/addresses/{id}",
    .operation = "replaceAddress",
    .summary = "Replace an address; `is_default` true moves the default here",
    .who = access::user,
    .domain = domain::domain_id::user,
    .body = &schemas::address_request,
    .body_example = example,
    .changes = true,
    .answers = {{200, "the address", &schemas::kept_address}},
    .run = put,
  });
  to.push_back({
    .method = http_method::remove,
    .path = "/api/v1/users/me/addresses/{id}",
    .operation = "deleteAddress",
    .summary = "Delete an address; the oldest one left becomes the default if this was it",
    .who = access::user,
    .domain = domain::domain_id::user,
    .changes = true,
    .answers = {{204, "deleted"}},
    .run = remove,
  });
}

} // namespace souk::http
