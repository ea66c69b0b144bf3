#include "http/aliases/steps.hpp"

#include "actors/domain/product.hpp"

#include <algorithm>

namespace souk::http::aliases {
namespace {

bool is_ok(const response& r) {
  return r.status >= 200 && r.status < 300;
}

std::string product_path(int64_t id) {
  return "/api/v1/products/" + std::to_string(id);
}

std::string order_path(int64_t id) {
  return "/api/v1/orders/" + std::to_string(id);
}

/// Asks an external catalog too for what is not kept here.
std::string lookup_path(const std::string& external_id) {
  return "/api/v1/products?external_id=" + percent_encode(external_id) + "&fetch=true";
}

/// A product that a form names, and where.
struct named_product {
  json_value* place = nullptr; ///< in the translation's values, which stay as they are meanwhile
  std::string pointer;
  bool in_path = false;
};

bool in_path(const translation_ptr& t) {
  return t->at().path.find("{product_id}") != std::string_view::npos;
}

std::vector<named_product> products_of(const translation_ptr& t) {
  std::vector<named_product> out;
  const auto note = [&out, &t](json_value* x, std::string pointer) {
    if (x && (x->is(json_kind::integer) || (x->is(json_kind::string) && !x->text.empty())))
      out.push_back({x, std::move(pointer), in_path(t)});
  };
  note(find(t->values(), "product_id"), "/product_id");
  if (auto* items = find(t->values(), "items"); items && items->items.size() <= 100)
    for (size_t i = 0; i < items->items.size(); ++i)
      note(find(items->items[i], "product_id"), "/items/" + std::to_string(i) + "/product_id");
  return out;
}

/// Whether a product came from an external catalog, where its id is another number than here.
bool is_elsewhere(const json_value& product) {
  const auto* id = product.find("id");
  const auto* external = product.find("external_id");
  const auto number = id && external ? integer_in(*external) : std::nullopt;
  return number && *number != id->integer;
}

/// Takes over what the lookups found. Where one failed or found nothing for an external id, the
/// translation ends, unless a key may have its answer from before: then no other product is named
/// in its place. Refusals are kept in the translation, so they must not keep it.
bool take_found(const translation_ptr& t, const std::vector<named_product>& wanted,
                std::vector<response>&& answers) {
  bool failed = false; // then not all were asked
  for (auto& r : answers)
    if (r.status >= 500 || r.status == 429) {
      failed = true;
      if (!t->refuse_unless_kept([&to = *t, why = r] { to.pass_refusal(response{why}); }))
        return false;
    }
  for (size_t i = 0; i < wanted.size(); ++i) {
    const auto& x = wanted[i];
    const auto found = i < answers.size() ? json_of(answers[i]) : std::nullopt;
    const auto* product = found && found->items.size() == 1 ? &found->items[0] : nullptr;
    if (const auto* id = product ? product->find("id") : nullptr) {
      *x.place = make_integer(id->integer);
    } else if (failed || x.place->is(json_kind::string)) {
      auto refuse = [&to = *t, in_path = x.in_path, pointer = x.pointer] {
        if (in_path)
          to.refuse(describe(actors::ec::not_found));
        else
          to.fail_products({{pointer, "there is no such product"}});
      };
      if (!t->refuse_unless_kept(std::move(refuse)))
        return false;
      *x.place = make_integer(no_product);
    }
  }
  return true;
}

void look_up(const translation_ptr& t, std::vector<named_product> wanted,
             std::function<void()> next) {
  std::vector<std::string> targets;
  for (const auto& x : wanted)
    targets.push_back(lookup_path(
      x.place->is(json_kind::string) ? x.place->text : std::to_string(x.place->integer)));
  t->read_all(std::move(targets),
              [t, wanted = std::move(wanted), next](std::vector<response>&& answers) {
                if (take_found(t, wanted, std::move(answers)))
                  next();
              });
}

/// An order's line, with what 001 calls it.
void add_line_names(json_value& order) {
  auto* items = find(order, "items");
  const auto* id = order.find("id");
  if (!items || !id)
    return;
  const auto order_id = *id;
  for (auto& item : items->items) {
    if (const auto* quantity = item.find("quantity"))
      set(item, "product_quantity", json_value{*quantity});
    set(item, "order_id", order_id);
  }
}

void set_details(json_value& order, const std::vector<int64_t>& products,
                 const std::vector<response>& answers) {
  const auto read = [&answers](size_t i) {
    auto x = i < answers.size() ? json_of(answers[i]) : std::nullopt;
    return x ? std::move(*x) : json_value{};
  };
  auto user = read(0);
  if (user.is(json_kind::object))
    add_user_names(user);
  set(order, "user", std::move(user));
  auto* items = find(order, "items");
  for (auto& item : items->items) {
    const auto at = std::find(products.begin(), products.end(), item.find("product_id")->integer);
    set(item, "product", read(1 + static_cast<size_t>(at - products.begin())));
  }
}

} // namespace

// -- before ---------------------------------------------------------------------------------------

void resolve_products(const translation_ptr& t, std::function<void()> next) {
  auto named = products_of(t);
  std::vector<named_product> numbers;
  std::vector<named_product> others;
  std::vector<std::string> targets;
  for (auto& x : named) {
    if (!x.place->is(json_kind::integer)) {
      others.push_back(std::move(x));
      continue;
    }
    targets.push_back(product_path(x.place->integer));
    numbers.push_back(std::move(x));
  }
  t->read_all(std::move(targets), [t, numbers = std::move(numbers), others = std::move(others),
                                   next](std::vector<response>&& answers) mutable {
    if (!answers.empty() && answers.back().status >= 500)
      return t->pass_refusal(std::move(answers.back()));
    const bool outside = t->at().outside_ids && t->how().external_catalog;
    for (size_t i = 0; i < numbers.size(); ++i) {
      const auto product = json_of(answers[i]);
      if (!product || (outside && is_elsewhere(*product)))
        others.push_back(std::move(numbers[i]));
    }
    if (others.empty())
      next();
    else
      look_up(t, std::move(others), next);
  });
}

void drop_unknown_category(const translation_ptr& t, std::function<void()> next) {
  const auto* category = t->values().find("category_id");
  if (!category || !category->is(json_kind::integer) || category->integer < 1)
    return next();
  const auto id = std::to_string(category->integer);
  t->ask(http_method::get, "/api/v1/categories/" + id, {}, [t, next, id](response&& r) {
    if (r.status >= 500)
      return t->pass_refusal(std::move(r));
    if (r.status == 404) {
      take(t->values(), "category_id");
      t->add_header("Warning", "299 souk \"there is no category " + id + ": kept without one\"");
    }
    next();
  });
}

void sell_uncounted(const translation_ptr& t, std::function<void()> next) {
  if (t->sent_field("description") && !t->values().find("quantity"))
    set(t->values(), "quantity", make_integer(domain::max_quantity));
  next();
}

void take_name_as_email(const translation_ptr& t, std::function<void()> next) {
  const auto* name = t->values().find("username");
  if (name && name->is(json_kind::string) && name->text.find('@') != std::string::npos
      && !t->values().find("email")) {
    t->point("/email", t->pointer_of("/username"));
    set(t->values(), "email", json_value{*name});
  }
  next();
}

void note_removed_line(const translation_ptr& t, std::function<void()> next) {
  const auto* quantity = t->values().find("quantity");
  const auto* line = t->values().find("order_item_id");
  const auto* id = t->values().find("id");
  const bool removes = quantity && quantity->is(json_kind::integer) && quantity->integer == 0;
  // Of a retry's answer, which is the first one's, the line could not be read any more.
  const bool may_come_again = t->sent().has_idempotency_key;
  if (!removes || may_come_again || !line || !line->is(json_kind::integer) || !id
      || !id->is(json_kind::integer))
    return next();
  t->ask(http_method::get, order_path(id->integer), {},
         [t, next, wanted = line->integer](response&& r) {
           if (auto order = json_of(r)) {
             add_line_names(*order);
             for (auto& item : find(*order, "items")->items)
               if (item.find("id")->integer == wanted)
                 t->noted() = std::move(item);
           }
           next(); // it is the change that says what is wrong
         });
}

void act_for_user(const translation_ptr& t, std::function<void()> next) {
  const auto user = take(t->values(), "user_id");
  if (!user)
    return next();
  t->act_for(user->text);
  t->ask(http_method::get, "/api/v1/users/me", {}, [t, next](response&& r) {
    if (is_ok(r))
      next();
    else if (r.status == 404)
      t->fail_field("/user_id", "there is no such user");
    else
      t->pass_refusal(std::move(r));
  });
}

// -- after ----------------------------------------------------------------------------------------

void add_details(const translation_ptr& t, json_value&& answer) {
  std::vector<int64_t> products;
  const auto* items = answer.find("items");
  const auto* user = answer.find("user_id");
  if (!items || !user)
    return t->finish(answer);
  t->act_for(user->text);
  std::vector<std::string> targets{"/api/v1/users/me"};
  for (const auto& item : items->items) {
    const auto* id = item.find("product_id");
    if (!id)
      return t->finish(answer);
    if (std::find(products.begin(), products.end(), id->integer) != products.end())
      continue;
    products.push_back(id->integer);
    targets.push_back(product_path(id->integer));
  }
  // The order stands, whatever these reads come to.
  t->read_all(std::move(targets), [t, products = std::move(products), order = std::move(answer)](
                                    std::vector<response>&& answers) mutable {
    set_details(order, products, answers);
    t->finish(order);
  });
}

// -- refused --------------------------------------------------------------------------------------

void accept_confirmed(const translation_ptr& t, response&& why) {
  const auto is = [](const json_value& x, std::string_view name, std::string_view text) {
    const auto* value = x.find(name);
    return value && value->text == text;
  };
  const auto problem = read_json(why.body).root;
  const auto* id = t->values().find("id");
  // Under a key only what was done is answered, and kept.
  if (t->sent().has_idempotency_key || !problem || !is(*problem, "code", "invalid_transition")
      || !is(t->values(), "status", "confirmed") || !id)
    return t->pass_refusal(std::move(why));
  auto shared = std::make_shared<response>(std::move(why));
  t->ask(http_method::get, order_path(id->integer), {}, [t, is, shared](response&& r) {
    const auto order = json_of(r);
    if (order && is(*order, "status", "confirmed"))
      t->take_success(std::move(r));
    else
      t->pass_refusal(std::move(*shared));
  });
}

// -- shapes ---------------------------------------------------------------------------------------

void add_user_names(json_value& user) {
  if (const auto* id = user.find("id"))
    set(user, "user_id", json_value{*id});
  if (const auto* name = user.find("username"))
    set(user, "user_name", json_value{*name});
  const auto* disabled = user.find("disabled");
  set(user, "is_active", make_boolean(!disabled || !disabled->boolean));
}

void shape_user(translation&, json_value& user) {
  add_user_names(user);
}

void shape_caller(translation&, json_value& user) {
  add_user_names(user);
  set(user, "valid", make_boolean(true));
}

void shape_address(translation& t, json_value& address) {
  set(address, "user_id", make_text(t.acts_for()));
}

void shape_product(translation&, json_value& product) {
  if (const auto* detail = product.find("detail"))
    set(product, "description", json_value{*detail});
}

void shape_stock(translation&, json_value& stock) {
  auto out = make_object();
  const auto product = take(stock, "product_id").value_or(json_value{});
  set(out, "id", product);
  set(out, "product_id", product);
  set(out, "stock", take(stock, "stock").value_or(json_value{}));
  stock = std::move(out);
}

void shape_order(translation&, json_value& order) {
  if (const auto* total = order.find("total_amount"))
    set(order, "total_price", json_value{*total});
  add_line_names(order);
}

void shape_changed_item(translation& t, json_value& order) {
  const auto wanted = t.values().find("order_item_id")->integer;
  add_line_names(order);
  if (!t.noted().is(json_kind::null)) {
    order = std::move(t.noted());
    for (const std::string name : {"quantity", "product_quantity", "subtotal"})
      set(order, name, make_integer(0));
    return;
  }
  const auto* quantity = t.values().find("quantity");
  const bool gone =
    quantity && quantity->integer == 0; // the last line stays in its cancelled order
  for (auto& item : find(order, "items")->items)
    if (item.find("id")->integer == wanted && !gone) {
      auto changed = std::move(item);
      order = std::move(changed);
      return;
    }
  auto removed = make_object();
  set(removed, "id", make_integer(wanted));
  set(removed, "order_id", take(order, "id").value_or(json_value{}));
  set(removed, "quantity", make_integer(0));
  set(removed, "product_quantity", make_integer(0));
  order = std::move(removed);
}

void shape_cart_items(translation&, json_value& cart) {
  if (auto items = take(cart, "items"))
    cart = std::move(*items);
}

void shape_added_item(translation& t, json_value& cart) {
  const auto* product = t.values().find("product_id");
  const auto* items = cart.find("items");
  if (!product || !items)
    return;
  const auto lines = items->items;
  for (const auto& line : lines)
    if (const auto* id = line.find("product_id"); id && id->integer == product->integer)
      for (const auto& [name, value] : line.members)
        set(cart, name, json_value{value});
}

} // namespace souk::http::aliases
