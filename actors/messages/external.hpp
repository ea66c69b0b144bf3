// What is said to the workers that ask the external catalog.
#pragma once

#include "actors/messages/inspect.hpp"

#include <cstdint>
#include <string>

namespace souk::actors {

/// Asks for the product that the external catalog knows by this id.
struct fetch_external {
  std::string id;
};

/// A product as the external catalog describes it, within this shop's limits.
struct external_product {
  std::string external_id; ///< as the catalog writes it, which may differ from the id asked for
  std::string name;        ///< 1 to 200 characters
  int64_t price = 0;       ///< minor units of the shop's currency, never negative
  std::string detail;      ///< at most 10,000 characters
  std::string image_url;   ///< http or https; empty: none
  std::string category;    ///< a name, not one of this shop's ids; empty: none
};

enum class external_outcome : uint8_t {
  found,
  not_found,   ///< the catalog has no such product
  unavailable, ///< nobody knows: it does not answer, or with something unusable
};

struct external_answer {
  external_outcome outcome = external_outcome::unavailable;
  external_product product; ///< set if found
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, fetch_external& x) {
  return f(caf::meta::type_name("fetch_external"), x.id);
}
SOUK_INSPECTED(fetch_external);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, external_product& x) {
  return f(caf::meta::type_name("external_product"), x.external_id, x.name, x.price, x.detail,
           x.image_url, x.category);
}
SOUK_INSPECTED(external_product);
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, external_answer& x) {
  return f(caf::meta::type_name("external_answer"), x.outcome, x.product);
}
SOUK_INSPECTED(external_answer);

} // namespace souk::actors
