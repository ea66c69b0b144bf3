#include "actors/domain/account.hpp"

#include <algorithm>
#include <utility>

namespace souk::domain {

namespace {

void make_default(account_details& in, int64_t id) {
  for (auto& x : in.addresses)
    x.is_default = x.id == id;
}

template <class Items, class Id>
auto find_id(Items& items, const Id& id) {
  return std::find_if(items.begin(), items.end(), [&](const auto& x) { return x.id == id; });
}

} // namespace

void add_address(account_details& to, kept_address x) {
  const bool takes_over = x.is_default || to.addresses.empty();
  const auto id = x.id;
  x.is_default = false;
  to.addresses.push_back(std::move(x));
  if (takes_over)
    make_default(to, id);
}

bool replace_address(account_details& in, kept_address x) {
  const auto at = find_id(in.addresses, x.id);
  if (at == in.addresses.end())
    return false;
  at->where = std::move(x.where);
  if (x.is_default)
    make_default(in, x.id);
  return true;
}

bool remove_address(account_details& from, int64_t id) {
  const auto at = find_id(from.addresses, id);
  if (at == from.addresses.end())
    return false;
  const bool was_default = at->is_default;
  from.addresses.erase(at);
  if (was_default && !from.addresses.empty())
    make_default(from, from.addresses.front().id);
  return true;
}

const kept_address* find_address(const account_details& in, int64_t id) {
  const auto at = find_id(in.addresses, id);
  return at == in.addresses.end() ? nullptr : &*at;
}

session* find_session(account_details& in, std::string_view id) {
  const auto at = find_id(in.sessions, id);
  return at == in.sessions.end() ? nullptr : &*at;
}

} // namespace souk::domain
