#include "config/commands.hpp"

#include "config/options.hpp"
#include "persistence/persistence.hpp"

#include <iostream>
#include <stdexcept>

namespace souk::config {

int check(const settings& s) {
  auto books = persistence::check_books(database_url(s));
  for (auto& fault : books.faults)
    std::cout << fault << '\n';
  std::cout << books.products << " products, " << books.orders << " orders, " << books.movements
            << " movements: "
            << (books.faults.empty() ? "the books balance" : "the books do NOT balance")
            << std::endl;
  if (!std::cout)
    throw std::runtime_error("what was found cannot be written");
  return books.faults.empty() ? 0 : 1;
}

int migrate(const settings& s) {
  auto applied = persistence::migrate(database_url(s));
  for (auto& x : applied)
    std::cout << "applied " << x << '\n';
  std::cout << (applied.empty() ? "the schema is up to date" : "done") << std::endl;
  return 0;
}

} // namespace souk::config
