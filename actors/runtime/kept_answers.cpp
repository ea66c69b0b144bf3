#include "actors/runtime/kept_answers.hpp"

#include "actors/messages/type_ids.hpp"

namespace souk::actors {

namespace {

/// What a text or an address has on the heap; short texts have nothing there.
size_t heap_of(const std::string& x) {
  return x.capacity() > std::string{}.capacity() ? x.capacity() + 1 : 0;
}
size_t heap_of(const domain::address& x) {
  return heap_of(x.street) + heap_of(x.city) + heap_of(x.state) + heap_of(x.postal_code)
         + heap_of(x.country);
}

size_t bytes_of(const stock_view& x) {
  return sizeof x;
}
/// Never kept: it has a token.
size_t bytes_of(const session_opened& x) {
  return sizeof x;
}

} // namespace

size_t bytes_of(const domain::product& x) {
  return sizeof x + heap_of(x.external_id) + heap_of(x.name) + heap_of(x.detail)
         + heap_of(x.image_url);
}
size_t bytes_of(const product_view& x) {
  return bytes_of(x.product) + sizeof x.stock;
}
size_t bytes_of(const category_view& x) {
  return sizeof x + heap_of(x.category.name);
}
size_t bytes_of(const domain::kept_address& x) {
  return sizeof x + heap_of(x.where);
}
size_t bytes_of(const domain::user& x) {
  return sizeof x + heap_of(x.username) + heap_of(x.email) + heap_of(x.first_name)
         + heap_of(x.last_name) + heap_of(x.full_name) + heap_of(x.phone);
}
size_t bytes_of(const cart_view& x) {
  auto sum = sizeof x;
  for (const auto& item : x.items)
    sum += sizeof item + heap_of(item.name) + heap_of(item.external_id);
  return sum;
}
size_t bytes_of(const domain::order& x) {
  auto sum = sizeof x + heap_of(x.note) + x.changes.size() * sizeof(domain::order_history_entry);
  for (const auto& line : x.lines)
    sum += sizeof line + heap_of(line.product_name) + heap_of(line.external_id);
  return x.shipping_address ? sum + heap_of(*x.shipping_address) : sum;
}

size_t weight_of(const domain::order& x) {
  return 1 + (entry_bytes + bytes_of(x)) / 1024;
}

template <class T>
kept_answers<T>::kept_answers(size_t max_bytes) : done_{max_bytes} {}

template <class T>
bool kept_answers<T>::begin(const idempotency_key& key, const promise& p) {
  if (key.id.empty())
    return true;
  if (auto* d = done_.find(key.id)) {
    replay(p, *d, key.fingerprint);
    return false;
  }
  auto [i, first] = open_.try_emplace(key.id, under_way{key.fingerprint, {}});
  if (first)
    return true;
  if (i->second.fingerprint == key.fingerprint) {
    p.if_lost(ec::outcome_unknown); // the first one may have been written
    i->second.waiting.push_back(p);
  } else {
    p.fail(ec::idempotency_key_reused);
  }
  return false;
}

template <class T>
void kept_answers<T>::succeed(const idempotency_key& key, const promise& p, const T& value,
                              quota rest) {
  p.deliver({value, false, rest});
  if (!key.id.empty())
    finish(key, done{key.fingerprint, value});
}

template <class T>
void kept_answers<T>::fail(const idempotency_key& key, const promise& p, const caf::error& why) {
  p.fail(why);
  if (auto i = open_.extract(key.id))
    for (auto& w : i.mapped().waiting)
      w.fail(why);
}

template <class T>
void kept_answers<T>::replayed(const idempotency_key& key, const promise& p,
                               std::string fingerprint, T value) {
  done d{std::move(fingerprint), std::move(value)};
  replay(p, d, key.fingerprint);
  finish(key, std::move(d));
}

template <class T>
void kept_answers<T>::replay(const promise& p, const done& d, const std::string& fingerprint) {
  if (d.fingerprint == fingerprint)
    p.deliver({d.value, true, {}});
  else
    p.fail(ec::idempotency_key_reused);
}

template <class T>
void kept_answers<T>::finish(const idempotency_key& key, done d) {
  if (auto i = open_.extract(key.id))
    for (auto& w : i.mapped().waiting)
      replay(w, d, i.mapped().fingerprint);
  const auto weight = entry_bytes + 2 * key.id.size() + d.fingerprint.size() + bytes_of(d.value);
  done_.put(key.id, std::move(d), weight);
}

template class kept_answers<domain::user>;
template class kept_answers<domain::kept_address>;
template class kept_answers<session_opened>;
template class kept_answers<product_view>;
template class kept_answers<category_view>;
template class kept_answers<stock_view>;
template class kept_answers<domain::order>;
template class kept_answers<cart_view>;

} // namespace souk::actors
