// Many products in one request. Each is decided for itself, so one that is wrong does not stop the
// others; the shards work on all of them at once.
#include "http/routes/request_context.hpp"
#include "http/routes/schemas.hpp"

#include <unordered_map>

namespace souk::http {
namespace {

using actors::ec;
using actors::found_products;
using actors::product_answer;

struct import_item {
  json_value body;
  std::string external_id;
  int64_t id = 0; ///< of the product to change; 0: it is to be made
  unsigned status = 0;
  bool replayed = false;
  std::string_view code = {};
  std::string_view detail = {}; ///< as of a request of its own
  std::vector<field_error> errors = {};
};

/// One import on its way. On the io thread only.
struct import {
  context_ptr ctx;
  std::vector<import_item> items;
  size_t open = 0;           ///< commands that are not answered
  std::vector<size_t> taken; ///< items whose external id someone else took meanwhile
  bool again = false;        ///< they were looked up for the second time
};
using import_ptr = std::shared_ptr<import>;

const json_value* field_of(const import_item& x, std::string_view name) {
  const auto* v = x.body.find(name);
  return v && !v->is(json_kind::null) ? v : nullptr;
}

std::string text_of(const import_item& x, std::string_view name) {
  const auto* v = field_of(x, name);
  return v ? v->text : std::string{};
}

int64_t integer_of(const import_item& x, std::string_view name) {
  const auto* v = field_of(x, name);
  return v ? v->integer : 0;
}

void write_result(json_writer& out, const import_item& x) {
  out.begin_object();
  out.key("status").integer(x.status);
  out.key("id");
  if (x.id == 0)
    out.null();
  else
    out.integer(x.id);
  if (!x.code.empty())
    out.key("code").string(x.code);
  if (!x.detail.empty())
    out.key("detail").string(x.detail);
  if (!x.errors.empty()) {
    out.key("errors").begin_array();
    for (const auto& e : x.errors) {
      out.begin_object();
      out.key("pointer").string(e.pointer).key("detail").string(e.detail).end_object();
    }
    out.end_array();
  }
  out.end_object();
}

void finish(const import_ptr& all) {
  auto& ctx = *all->ctx;
  bool replayed = false; // whether nothing was done that had not been done before
  bool done = false;
  std::string body;
  json_writer out{body};
  out.begin_object().key("results").begin_array();
  for (const auto& x : all->items) {
    if (x.code == actors::to_string(ec::idempotency_key_reused))
      return fail(ctx, ec::idempotency_key_reused);
    replayed = replayed || x.replayed;
    done = done || (x.status < 300 && !x.replayed);
    write_result(out, x);
  }
  out.end_array().end_object();
  respond(ctx, make_change_answer(ctx, 200, std::move(body), {}, replayed && !done));
}

void look_up(const import_ptr& all, const std::vector<size_t>& which);

void refuse(import_item& x, size_t n, const caf::error& err) {
  const auto code = err ? actors::code_of(err) : ec::internal;
  const auto why = describe(code);
  x.status = why.status;
  x.code = why.code;
  x.detail = why.detail;
  if (code == ec::category_not_found)
    x.errors.push_back(
      {"/items/" + std::to_string(n) + "/category_id", "there is no such category"});
}

void answered(const import_ptr& all) {
  if (--all->open > 0)
    return;
  if (all->taken.empty())
    return finish(all);
  // Made since they were looked up, or twice in this request: they are changed instead.
  all->again = true;
  look_up(all, std::exchange(all->taken, {}));
}

/// Each item is a command of its own, so each has a key of its own: a retry of the request finds
/// those that were done.
actors::call call_of(const request_context& ctx, size_t n) {
  auto c = make_call(ctx);
  if (!c.key.id.empty())
    c.key.id += "-" + std::to_string(n);
  return c;
}

template <class Command>
void send(const import_ptr& all, size_t n, const actors::product_actor& to, Command&& cmd) {
  const auto& ctx = all->ctx;
  if (!to) {
    refuse(all->items[n], n, caf::make_error(ec::overloaded));
    return answered(all);
  }
  ctx->core->self->open_requests().ask<product_answer>(
    ctx->core->self, to, timeout_of(*ctx), std::forward<Command>(cmd),
    [all, n](const product_answer& made) {
      guarded(*all->ctx, [&] {
        auto& x = all->items[n];
        x.id = made.value.product.id;
        // A new product has version 1, also when a retry finds it.
        x.status = made.value.product.version == 1 ? 201 : 200;
        x.replayed = made.replayed;
        answered(all);
      });
    },
    [all, n](const caf::error& err) {
      guarded(*all->ctx, [&] {
        auto& x = all->items[n];
        if (err && actors::code_of(err) == ec::external_id_taken && !all->again)
          all->taken.push_back(n);
        else
          refuse(x, n, err);
        answered(all);
      });
    });
}

void create(const import_ptr& all, size_t n) {
  const auto& ctx = all->ctx;
  const auto& x = all->items[n];
  actors::create_product cmd;
  cmd.call = call_of(*ctx, n);
  cmd.product.name = text_of(x, "name");
  cmd.product.price = minor_units(*ctx, *field_of(x, "price"));
  cmd.product.detail = text_of(x, "detail");
  cmd.product.image_url = text_of(x, "image_url");
  cmd.product.category_id = integer_of(x, "category_id");
  cmd.product.external_id = x.external_id;
  cmd.quantity = integer_of(x, "quantity");
  cmd.reason = "import";
  // One shard makes all products of an external id, one after the other.
  actors::idempotency_key by{x.external_id.empty() ? cmd.call.key.id : x.external_id, {}};
  send(all, n, owner_of_new(ctx->shop().products, by), std::move(cmd));
}

void update(const import_ptr& all, size_t n) {
  const auto& ctx = all->ctx;
  const auto& x = all->items[n];
  actors::update_product cmd;
  cmd.call = call_of(*ctx, n);
  cmd.id = x.id;
  cmd.name = text_of(x, "name");
  cmd.price = minor_units(*ctx, *field_of(x, "price"));
  if (x.body.find("detail"))
    cmd.detail = text_of(x, "detail");
  if (x.body.find("image_url"))
    cmd.image_url = text_of(x, "image_url");
  if (x.body.find("category_id"))
    cmd.category_id = integer_of(x, "category_id");
  if (!x.external_id.empty())
    cmd.external_id = x.external_id;
  if (field_of(x, "quantity"))
    cmd.quantity = integer_of(x, "quantity");
  send(all, n, owner(ctx->shop().products, x.id), std::move(cmd));
}

void send_all(const import_ptr& all, const std::vector<size_t>& which) {
  // Also counted as one, so that the last answer does not come before the last command was sent.
  all->open = which.size() + 1;
  for (const auto n : which) {
    if (all->items[n].id != 0)
      update(all, n);
    else
      create(all, n);
  }
  answered(all);
}

/// Nobody knows which products they are. At first nothing has happened, and the whole request says
/// so; after that others are committed already, so that it is said of each of these alone.
void not_found_out(const import_ptr& all, const std::vector<size_t>& which, const caf::error& why) {
  if (!all->again)
    return fail(*all->ctx, why);
  for (const auto n : which)
    refuse(all->items[n], n, caf::make_error(ec::overloaded));
  finish(all);
}

/// Finds the products of all external ids with one query, then sends a command for each item.
void look_up(const import_ptr& all, const std::vector<size_t>& which) {
  actors::find_products cmd;
  for (const auto n : which)
    if (!all->items[n].external_id.empty())
      cmd.external_ids.push_back(all->items[n].external_id);
  if (cmd.external_ids.empty())
    return send_all(all, which);
  const auto& ctx = all->ctx;
  const auto& reader = ctx->shop().readers.any();
  if (!reader)
    return not_found_out(all, which, caf::make_error(ec::overloaded));
  ctx->core->self->open_requests().ask<found_products>(
    ctx->core->self, reader, timeout_of(*ctx), std::move(cmd),
    [all, which](const found_products& found) {
      guarded(*all->ctx, [&] {
        std::unordered_map<std::string_view, int64_t> ids;
        for (const auto& x : found.items)
          ids[x.external_id] = x.id;
        for (const auto n : which) {
          auto& x = all->items[n];
          if (const auto i = ids.find(x.external_id); i != ids.end())
            x.id = i->second;
        }
        send_all(all, which);
      });
    },
    [all, which](const caf::error& why) {
      guarded(*all->ctx, [&] { not_found_out(all, which, why); });
    });
}

/// A file of another shop must not turn its yen into dollars.
void check_currency(import_item& x, const json_value& item, const std::string& shops) {
  const auto* sent = item.find("currency");
  if (sent && sent->is(json_kind::string) && sent->text != shops)
    x.errors.push_back({"/currency", "must be " + shops + ", the shop's currency"});
}

void run(const context_ptr& ctx) {
  const auto all = std::make_shared<import>();
  all->ctx = ctx;
  const auto& currency = ctx->shop().currency;
  std::vector<size_t> good;
  for (auto& [name, value] : ctx->body.members) {
    if (name != "items")
      continue;
    all->items.resize(value.items.size());
    for (size_t n = 0; n < value.items.size(); ++n) {
      auto& x = all->items[n];
      json_document item;
      item.root = std::move(value.items[n]);
      x.errors = validate(schemas::import_item, item, currency.digits);
      check_currency(x, *item.root, currency.code);
      if (!x.errors.empty()) {
        x.status = 422;
        x.code = "invalid_value";
        for (auto& e : x.errors)
          e.pointer = "/items/" + std::to_string(n) + e.pointer;
        continue;
      }
      x.body = std::move(*item.root);
      x.external_id = text_of(x, "external_id");
      x.id = integer_of(x, "id");
      good.push_back(n);
    }
  }
  look_up(all, good);
}

constexpr std::string_view example =
  R"({"items":[{"external_id":"desk-1","name":"Desk","price":129.90,"quantity":12}]})";

} // namespace

void add_import_routes(std::vector<route>& to) {
  to.push_back({
    .method = http_method::post,
    .path = "/api/v1/products/import",
    .operation = "importProducts",
    .summary = "Make or change up to 500 products, each for itself",
    .who = access::admin,
    .domain = domain::domain_id::product,
    .body = &schemas::product_import,
    .body_example = example,
    .changes = true,
    .answers = {{200, "what became of each", &schemas::product_imported,
                 R"({"results":[{"status":201,"id":65}]})"}},
    .run = run,
  });
}

} // namespace souk::http
