#include "actors/node/bootstrap.hpp"

#include <caf/all.hpp>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <stdexcept>

namespace souk::actors {

namespace {

constexpr auto answer_timeout = std::chrono::seconds{30};
constexpr auto request_id = "first-start"; ///< as the logs name what is done here

template <class Answer, class Handle, class Command>
Answer ask(caf::scoped_actor& self, const Handle& to, Command command, const char* what) {
  Answer result{};
  self->request(to, answer_timeout, std::move(command))
    .receive([&](Answer& x) { result = std::move(x); },
             [&](const caf::error& why) {
               throw std::runtime_error(std::string{what} + ": "
                                        + std::string{to_string(code_of(why))});
             });
  return result;
}

/// 20 characters of 5 bits: no letters that look alike.
std::string make_password() {
  constexpr std::string_view letters = "abcdefghjkmnpqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
  std::string out;
  for (int i = 0; i < 20; ++i)
    out += letters[randombytes_uniform(static_cast<uint32_t>(letters.size()))];
  return out;
}

struct demo_shelf {
  const char* category;
  std::array<const char*, 10> products;
};

constexpr std::array<demo_shelf, 5> demo{{
  {"Spices",
   {"Saffron, 1 g", "Cumin, ground", "Sumac", "Za'atar", "Cardamom pods", "Cinnamon sticks",
    "Turmeric", "Paprika, smoked", "Black pepper", "Rose petals"}},
  {"Tea and coffee",
   {"Mint tea", "Black tea, Ceylon", "Hibiscus tea", "Arabica beans", "Coffee with cardamom",
    "Sage tea", "Chamomile", "Green tea, gunpowder", "Thyme tea", "Cocoa husks"}},
  {"Ceramics",
   {"Tea glass, six", "Bowl, blue", "Bowl, white", "Tagine", "Plate, hand-painted", "Tile, star",
    "Tile, cross", "Coffee cup", "Oil lamp", "Water jug"}},
  {"Textiles",
   {"Kilim, small", "Kilim, large", "Cushion cover", "Cotton scarf", "Silk scarf",
    "Towel, peshtemal", "Table runner", "Wool blanket", "Felt slippers", "Linen shirt"}},
  {"Copper",
   {"Coffee pot, cezve", "Tray, engraved", "Lantern", "Sugar bowl", "Pan, tinned", "Kettle",
    "Spice mill", "Candle holder", "Bell", "Ladle"}},
}};

/// What a start that was cut short left of the demo catalog, by name.
struct demo_there {
  std::map<std::string, int64_t> categories;
  std::set<std::string> products;
  bool others = false; ///< there are products that are not of it
};

bool is_demo(const std::string& product) {
  return std::ranges::any_of(demo, [&](const demo_shelf& shelf) {
    return std::ranges::find(shelf.products, product) != shelf.products.end();
  });
}

demo_there made_before(caf::scoped_actor& self, const product_actor& shard) {
  demo_there out;
  list_categories categories;
  categories.call.request_id = request_id;
  for (auto& x : ask<category_list>(self, shard, categories, "cannot read the categories").items)
    out.categories.emplace(x.category.name, x.category.id);
  list_products products;
  products.call.request_id = request_id;
  products.limit = 100; // twice as many as it has
  for (auto& x : ask<product_page>(self, shard, products, "cannot read the products").items) {
    out.products.insert(x.product.name);
    out.others |= !is_demo(x.product.name);
  }
  return out;
}

int64_t make_category(caf::scoped_actor& self, const product_actor& shard,
                      const demo_shelf& shelf) {
  create_category cmd;
  cmd.call.request_id = request_id;
  cmd.category.name = shelf.category;
  return ask<category_answer>(self, shard, cmd, "cannot make a category").value.category.id;
}

} // namespace

std::string make_administrator(caf::actor_system& sys, const shop_tables& tables,
                               const std::string& username, const std::string& password) {
  caf::scoped_actor self{sys};
  register_user cmd;
  cmd.call.request_id = request_id;
  cmd.profile.username = username;
  if (username.find('@') != std::string::npos) // such a name must be the account's address
    cmd.profile.email = username;
  cmd.profile.role = domain::user_role::admin;
  cmd.password = password.empty() ? make_password() : password;
  auto made = cmd.password;
  router users{tables.users};
  ask<user_answer>(self, users.at(0), std::move(cmd), "cannot make the first administrator");
  return made;
}

std::string recover_administrator(caf::actor_system& sys, const shop_tables& tables,
                                  const std::string& username, const std::string& password) {
  if (username.empty()) // which would stand for all
    throw std::runtime_error("the user's name is empty");
  caf::scoped_actor self{sys};
  router users{tables.users};
  list_users named;
  named.call.request_id = "recover";
  named.limit = 1;
  named.username = domain::fold_login(username);
  constexpr auto doing = "cannot look up the user";
  auto found = ask<user_page>(self, users.at(0), named, doing);
  if (found.items.empty()) { // one may log in with either
    std::swap(named.username, named.email);
    found = ask<user_page>(self, users.at(0), named, doing);
  }
  if (found.items.empty())
    throw std::runtime_error("there is no user " + username);
  change_user cmd;
  cmd.call.request_id = named.call.request_id;
  cmd.id = found.items.front().id;
  cmd.role = domain::user_role::admin;
  cmd.disabled = false;
  cmd.password = password.empty() ? make_password() : password;
  auto made = *cmd.password;
  ask<user_answer>(self, users.at(domain::shard_of(cmd.id, users.size())), std::move(cmd),
                   "cannot change the user");
  return made;
}

void fill_demo_catalog(caf::actor_system& sys, const shop_tables& tables, int digits) {
  caf::scoped_actor self{sys};
  router products{tables.products};
  int64_t unit = 1;
  for (int i = 0; i < digits; ++i)
    unit *= 10;
  const auto there = made_before(self, products.at(0));
  if (there.others) // somebody has filled the database before the first start
    return;
  // Shard 1 hands out the first id (0 means "none"); products are numbered as they are listed.
  uint32_t shard = 1;
  int64_t n = 0;
  for (auto& shelf : demo) {
    const auto known = there.categories.find(shelf.category);
    const auto id =
      known != there.categories.end() ? known->second : make_category(self, products.at(0), shelf);
    for (auto* product_name : shelf.products) {
      create_product cmd;
      cmd.call.request_id = request_id;
      cmd.product.name = product_name;
      cmd.product.detail = std::string{product_name} + ", from the demo catalog.";
      cmd.product.category_id = id;
      cmd.product.price = (3 + n * 7 % 60) * unit + (digits > 0 ? unit - 1 : 0);
      cmd.quantity = 100;
      if (!there.products.contains(product_name))
        ask<product_answer>(self, products.at(shard % products.size()), cmd,
                            "cannot make a product");
      ++shard;
      ++n;
    }
  }
}

} // namespace souk::actors
