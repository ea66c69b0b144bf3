// The whole tree of categories in memory. No framework.
#pragma once

#include "actors/messages/product.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace souk::catalog {

/// Categories by id, and those below each by name. A category whose parent is not (yet) there is
/// kept, and is seen when its parent is.
class category_tree {
public:
  /// Inserts or replaces.
  void put(const domain::category& x);
  void erase(int64_t id);
  void clear();

  size_t size() const { return all_.size(); }
  /// Null if there is none; valid until the next change.
  const domain::category* find(int64_t id) const;
  bool has_children(int64_t id) const;

  /// How many are above it.
  int64_t level(int64_t id) const;

  /// Whether `id` is `above` or anywhere below it.
  bool is_within(int64_t id, int64_t above) const;

  actors::category_view view(const domain::category& x) const;

  /// All, depth first: each is followed by those below it, by name.
  std::vector<actors::category_view> in_order() const;

private:
  using by_name = std::set<std::pair<std::string, int64_t>>; ///< domain::sort_key, id

  void unlink(const domain::category& x);

  std::unordered_map<int64_t, domain::category> all_;
  std::unordered_map<int64_t, by_name> below_; ///< by parent; 0: the roots
};

} // namespace souk::catalog
