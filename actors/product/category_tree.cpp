#include "actors/product/category_tree.hpp"

#include "actors/domain/words.hpp"

namespace souk::catalog {

void category_tree::put(const domain::category& x) {
  auto [i, first] = all_.try_emplace(x.id, x);
  if (!first) {
    unlink(i->second);
    i->second = x;
  }
  below_[x.parent_id].emplace(domain::sort_key(x.name), x.id);
}

void category_tree::unlink(const domain::category& x) {
  auto i = below_.find(x.parent_id);
  if (i == below_.end())
    return;
  i->second.erase({domain::sort_key(x.name), x.id});
  if (i->second.empty())
    below_.erase(i);
}

void category_tree::erase(int64_t id) {
  if (auto i = all_.find(id); i != all_.end()) {
    unlink(i->second);
    all_.erase(i);
  }
}

void category_tree::clear() {
  all_.clear();
  below_.clear();
}

const domain::category* category_tree::find(int64_t id) const {
  auto i = all_.find(id);
  return i == all_.end() ? nullptr : &i->second;
}

bool category_tree::has_children(int64_t id) const {
  return below_.contains(id);
}

// Both walks are bounded by the size of the tree, should a database hold a cycle.

int64_t category_tree::level(int64_t id) const {
  int64_t n = 0;
  const auto* x = find(id);
  while (x != nullptr && x->parent_id != 0 && static_cast<size_t>(n) < size()) {
    ++n;
    x = find(x->parent_id);
  }
  return n;
}

bool category_tree::is_within(int64_t id, int64_t above) const {
  for (size_t n = 0; id != 0 && n <= size(); ++n) {
    if (id == above)
      return true;
    const auto* x = find(id);
    id = x == nullptr ? 0 : x->parent_id;
  }
  return false;
}

actors::category_view category_tree::view(const domain::category& x) const {
  return {x, x.parent_id == 0 ? 0 : level(x.parent_id) + 1};
}

std::vector<actors::category_view> category_tree::in_order() const {
  std::vector<actors::category_view> out;
  out.reserve(size());
  // A stack of our own: a tree may be as deep as it is large.
  std::vector<std::pair<by_name::const_iterator, by_name::const_iterator>> path;
  auto descend = [&](int64_t parent) {
    if (auto i = below_.find(parent); i != below_.end())
      path.emplace_back(i->second.begin(), i->second.end());
  };
  descend(0);
  while (!path.empty()) {
    if (path.back().first == path.back().second) {
      path.pop_back();
      continue;
    }
    auto id = (path.back().first++)->second;
    out.push_back({all_.at(id), static_cast<int64_t>(path.size()) - 1});
    descend(id);
  }
  return out;
}

} // namespace souk::catalog
