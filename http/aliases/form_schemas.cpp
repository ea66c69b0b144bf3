// What shapers make of an answer, described: each branch says what the function of that name in
// steps.cpp does.
#include "http/aliases/form_list.hpp"
#include "http/aliases/steps.hpp"
#include "http/routes/schemas.hpp"

namespace souk::http::aliases {
namespace {

const schema text{};
const schema flag{.kind = schema_kind::boolean};
const schema count{.kind = schema_kind::integer, .min = 0};
const schema id{.kind = schema_kind::integer, .min = 1};
const schema amount{.kind = schema_kind::amount};

schema with(schema object, std::string_view name, const std::vector<field>& more) {
  object.name = name;
  object.fields.insert(object.fields.end(), more.begin(), more.end());
  return object;
}

class shaping {
public:
  explicit shaping(std::deque<schema>& made) : made_{made} {}

  const schema* answer(shaper by, const schema& x) {
    if (by == shape_user)
      return keep(user(x));
    if (by == shape_caller)
      return keep(with(user(x), "FormCaller", {{"valid", &flag, true}}));
    if (by == shape_address)
      return keep(with(x, "FormAddress", {{"user_id", &schemas::user_id, true}}));
    if (by == shape_product)
      return keep(with(x, "FormProduct", {{"description", &text, true, true}}));
    if (by == shape_stock)
      return keep(
        {.kind = schema_kind::object,
         .name = "FormStock",
         .fields = {{"id", &id, true}, {"product_id", &id, true}, {"stock", &count, true}}});
    if (by == shape_order)
      return keep(order(x));
    if (by == shape_changed_item)
      return keep(changed_line(x));
    const auto* lines = find_field(x.fields, "items");
    if (by == shape_cart_items && lines)
      return lines->type;
    if (by == shape_added_item && lines)
      return keep(with(x, "FormCart", lines->type->items->fields));
    return &x;
  }

private:
  /// The one of that name, if there is one already.
  const schema* keep(schema x) {
    for (const auto& y : made_)
      if (!x.name.empty() && y.name == x.name)
        return &y;
    return &made_.emplace_back(std::move(x));
  }

  static schema user(const schema& x) {
    return with(x, "FormUser",
                {{"user_id", &schemas::user_id, true},
                 {"user_name", &text, true},
                 {"is_active", &flag, true}});
  }

  schema line(const schema& order) const {
    return with(*find_field(order.fields, "items")->type->items, "FormOrderLine",
                {{"order_id", &id, true}, {"product_quantity", &count, true}});
  }

  schema order(const schema& x) {
    auto out = with(x, "FormOrder", {{"total_price", &amount, true}});
    const auto* lines = keep({.kind = schema_kind::array, .items = keep(line(x))});
    for (auto& f : out.fields)
      if (f.name == "items")
        f.type = lines;
    return out;
  }

  /// A line that went is told by its numbers alone where the rest is not known any more.
  schema changed_line(const schema& x) const {
    auto out = line(x);
    out.name = "FormChangedLine";
    for (auto& f : out.fields) {
      f.required = f.name == "id" || f.name == "order_id" || f.name == "quantity"
                   || f.name == "product_quantity";
      if (f.name == "quantity")
        f.type = &count;
    }
    return out;
  }

  std::deque<schema>& made_;
};

} // namespace

const schema* shaped_answer(shaper by, const schema& canonical, std::deque<schema>& made) {
  shaping s{made};
  if (!by)
    return &canonical;
  if (canonical.kind != schema_kind::array)
    return s.answer(by, canonical);
  const auto* item = s.answer(by, *canonical.items);
  return &made.emplace_back(schema{.kind = schema_kind::array, .items = item});
}

} // namespace souk::http::aliases
