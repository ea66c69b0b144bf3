// Which keys a batch touches, so that no statement gets two rows for one key.
#pragma once

#include "actors/messages/store.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace souk::persistence {

/// The keys of the writes collected so far. Deltas of one product may meet in a batch (they are
/// summed); everything else comes once a key: the batch is closed before the second.
class batch_keys {
public:
  /// Whether the write may join the batch.
  bool accepts(const actors::write& w) const;
  void add(const actors::write& w);
  void clear();

private:
  /// A change that needs the count itself (a new count, an expected version) wants the row alone.
  static bool alone(const actors::stock_change& c) {
    return c.kind != actors::stock_change_kind::add || c.expected_version != 0;
  }

  std::unordered_map<int64_t, bool> stock_; ///< product id -> taken alone
  std::unordered_set<int64_t> orders_;
  std::unordered_set<int64_t> products_;
  std::unordered_set<int64_t> categories_;
  std::unordered_set<domain::uuid> users_;
  std::unordered_set<domain::uuid> carts_;
  std::unordered_set<std::string> names_; ///< what must be unique, marked with its kind
  std::unordered_set<std::string> answers_;
};

inline bool batch_keys::accepts(const actors::write& w) const {
  for (auto& c : w.stock)
    if (auto i = stock_.find(c.product_id); i != stock_.end() && (i->second || alone(c)))
      return false;
  return !(w.order && orders_.contains(w.order->row.id))
         && !(w.product
              && (products_.contains(w.product->row.id)
                  || names_.contains("x:" + w.product->row.external_id)))
         && !(w.payment && names_.contains("p:" + w.payment->reference))
         && !(w.cart && carts_.contains(w.cart->row.user_id))
         && !(w.category && categories_.contains(w.category->row.id))
         && !(w.removed_category && categories_.contains(w.removed_category->id))
         && !(w.user
              && ((w.user->row.demotes && names_.contains("administrator"))
                  || users_.contains(w.user->row.user.id)
                  || names_.contains("u:" + domain::fold_login(w.user->row.user.username))
                  || names_.contains("e:" + domain::fold_login(w.user->row.user.email))))
         && !(w.keep && answers_.contains(w.keep->id));
}

inline void batch_keys::add(const actors::write& w) {
  for (auto& c : w.stock)
    stock_[c.product_id] = stock_[c.product_id] || alone(c);
  if (w.order)
    orders_.insert(w.order->row.id);
  if (w.product) {
    products_.insert(w.product->row.id);
    if (!w.product->row.external_id.empty())
      names_.insert("x:" + w.product->row.external_id);
  }
  if (w.payment)
    names_.insert("p:" + w.payment->reference);
  if (w.cart)
    carts_.insert(w.cart->row.user_id);
  if (w.category)
    categories_.insert(w.category->row.id);
  if (w.removed_category)
    categories_.insert(w.removed_category->id);
  if (w.user) {
    users_.insert(w.user->row.user.id);
    if (w.user->row.demotes)
      names_.insert("administrator");
    names_.insert("u:" + domain::fold_login(w.user->row.user.username));
    if (!w.user->row.user.email.empty())
      names_.insert("e:" + domain::fold_login(w.user->row.user.email));
  }
  if (w.keep)
    answers_.insert(w.keep->id);
}

inline void batch_keys::clear() {
  stock_.clear();
  orders_.clear();
  products_.clear();
  categories_.clear();
  carts_.clear();
  users_.clear();
  names_.clear();
  answers_.clear();
}

} // namespace souk::persistence
