#include "persistence/row_text.hpp"

#include "actors/domain/json_text.hpp"
#include "actors/domain/words.hpp"
#include "actors/messages/codec.hpp"
#include "persistence/search.hpp"

#include <algorithm>

namespace souk::persistence {

using domain::append_int;
using domain::append_json_string;

namespace {

/// Writes one object, key by key.
class row {
public:
  explicit row(std::string& out) : out_{out} { out_ += out_.empty() ? "[{" : ",{"; }
  ~row() { out_ += '}'; }
  row(const row&) = delete;
  row& operator=(const row&) = delete;

  row& number(std::string_view key, int64_t value) {
    name(key);
    append_int(out_, value);
    return *this;
  }
  row& text(std::string_view key, std::string_view value) {
    name(key);
    append_json_string(out_, value);
    return *this;
  }
  row& raw(std::string_view key, std::string_view json) {
    name(key);
    out_ += json;
    return *this;
  }
  row& text_or_null(std::string_view key, std::string_view value) {
    return value.empty() ? raw(key, "null") : text(key, value);
  }
  row& number_or_null(std::string_view key, int64_t value) {
    return value == 0 ? raw(key, "null") : number(key, value);
  }

private:
  void name(std::string_view key) {
    if (out_.back() != '{')
      out_ += ',';
    out_.append("\"").append(key).append("\":");
  }
  std::string& out_;
};

/// An order that changes keeps its lines unless a step since the expected version says otherwise.
void append_changed(std::string& out, const actors::row_change<domain::order>& x) {
  auto& o = x.row;
  row r{out};
  r.number("id", o.id)
    .number("st", static_cast<int64_t>(o.status))
    .number("ua", o.updated_at)
    .number("ve", o.version)
    .raw("hi", actors::encode_changes(o.changes))
    .number("x", x.expected_version);
  if (std::any_of(o.changes.begin(), o.changes.end(), [&x](const domain::order_history_entry& c) {
        return c.version > x.expected_version && c.kind == domain::order_change_kind::items;
      }))
    r.raw("li", actors::encode_lines(o.lines))
      .number("tq", o.total_quantity)
      .number("ta", o.total_amount);
}

} // namespace

void append_row(std::string& out, const actors::row_change<domain::order>& x) {
  if (x.expected_version != 0)
    return append_changed(out, x);
  auto& o = x.row;
  row{out}
    .number("id", o.id)
    .text("us", domain::to_string(o.user_id))
    .number("st", static_cast<int64_t>(o.status))
    .number("pm", static_cast<int64_t>(o.payment))
    .raw("li", actors::encode_lines(o.lines))
    .number("tq", o.total_quantity)
    .number("ta", o.total_amount)
    .text("cu", o.currency)
    .raw("ad", o.shipping_address ? actors::encode_address(*o.shipping_address) : "null")
    .text("no", o.note)
    .number("ca", o.created_at)
    .number("ua", o.updated_at)
    .number("ve", o.version);
}

void append_row(std::string& out, const actors::row_change<domain::product>& x) {
  auto& p = x.row;
  auto words = p.deleted ? product_words{} : words_of(p.name, p.detail);
  row{out}
    .number("id", p.id)
    .text_or_null("ei", p.external_id)
    .text("na", p.name)
    .number("pr", p.price)
    .text("de", p.detail)
    .text("iu", p.image_url)
    .text("sk", domain::sort_key(p.name))
    .text("sn", words.name)
    .text("sd", words.detail)
    .number_or_null("cg", p.category_id)
    .number("dl", p.deleted ? 1 : 0)
    .number("ca", p.created_at)
    .number("ua", p.updated_at)
    .number("ve", p.version)
    .number("x", x.expected_version);
}

void append_row(std::string& out, const actors::row_change<actors::user_row>& x) {
  auto& u = x.row.user;
  row{out}
    .text("id", domain::to_string(u.id))
    .text("un", u.username)
    .text("uk", domain::fold_login(u.username))
    .text("em", u.email)
    .text_or_null("ek", domain::fold_login(u.email))
    .text("ph", x.row.password_hash)
    .text("ad", actors::encode_addresses(x.row.details.addresses))
    .text("se", actors::encode_sessions(x.row.details.sessions))
    .text("rh", x.row.details.reset_hash)
    .number("re", x.row.details.reset_expires)
    .number("pv", x.row.details.password_version)
    .text("fi", u.first_name)
    .text("la", u.last_name)
    .text("fu", u.full_name)
    .text("te", u.phone)
    .number("ro", static_cast<int64_t>(u.role))
    .number("di", u.disabled ? 1 : 0)
    .number("ca", u.created_at)
    .number("ua", u.updated_at)
    .number("ve", u.version)
    .number("x", x.expected_version);
}

void append_row(std::string& out, const actors::row_change<domain::category>& x) {
  row{out}
    .number("id", x.row.id)
    .number_or_null("pa", x.row.parent_id)
    .text("na", x.row.name)
    .number("ca", x.row.created_at)
    .number("ua", x.row.updated_at)
    .number("ve", x.row.version)
    .number("x", x.expected_version);
}

void append_row(std::string& out, const actors::category_removal& x) {
  row{out}.number("id", x.id).number("x", x.expected_version);
}

void append_row(std::string& out, const actors::row_change<domain::cart>& x) {
  row{out}
    .text("id", domain::to_string(x.row.user_id))
    .raw("li", actors::encode_cart_lines(x.row.lines))
    .number("ua", x.row.updated_at)
    .number("ve", x.row.version);
}

void append_row(std::string& out, const actors::payment_row& x) {
  row{out}
    .text("re", x.reference)
    .number("o", x.order_id)
    .number("am", x.amount)
    .number("ca", x.created_at);
}

void append_row(std::string& out, const actors::revocation& x) {
  row{out}.text("u", domain::to_string(x.user)).text("s", x.session).number("b", x.before);
}

void append_row(std::string& out, const actors::event& x) {
  row{out}
    .text("k", x.kind)
    .text("s", x.subject)
    .raw("p", x.payload.empty() ? "{}" : x.payload)
    .number("c", x.created_at);
}

void append_row(std::string& out, const actors::kept_answer& x) {
  row{out}.text("i", x.id).text("f", x.fingerprint).text("a", x.answer);
}

void append_row(std::string& out, const movement_row& x) {
  row{out}
    .number("p", x.product_id)
    .number("d", x.delta)
    .text("r", x.reason)
    .number_or_null("o", x.order_id)
    .number("c", x.created_at)
    .text_or_null("q", x.orders);
}

std::string amounts_text(backend kind, const std::map<int64_t, int64_t>& amounts) {
  std::string out;
  if (kind == backend::sqlite) {
    for (auto& [product, amount] : amounts)
      row{out}.number("p", product).number("a", amount);
    end_rows(out);
    return out;
  }
  std::string values = "{";
  out = '{';
  for (auto& [product, amount] : amounts) {
    if (out.size() > 1) {
      out += ',';
      values += ',';
    }
    domain::append_int(out, product);
    domain::append_int(values, amount);
  }
  return out + "} " + values + '}';
}

void append_search(std::string& out, int64_t product_id, std::string_view name,
                   std::string_view detail) {
  auto words = words_of(name, detail);
  row{out}
    .number("id", product_id)
    .text("sk", domain::sort_key(name))
    .text("sn", words.name)
    .text("sd", words.detail);
}

void append_key(std::string& out, int64_t product_id) {
  row{out}.number("p", product_id);
}

std::string owners_text(backend kind, std::span<const owner> owners) {
  std::string out;
  if (kind == backend::sqlite) {
    for (auto& x : owners)
      row{out}
        .number("d", static_cast<int64_t>(x.domain))
        .number("s", x.shard)
        .number("e", static_cast<int64_t>(x.epoch));
    end_rows(out);
    return out;
  }
  auto add = [&](auto&& read) {
    out += out.empty() ? "{" : "} {";
    for (auto& x : owners) {
      if (&x != owners.data())
        out += ',';
      domain::append_int(out, static_cast<int64_t>(read(x)));
    }
  };
  add([](auto& x) { return x.domain; });
  add([](auto& x) { return x.shard; });
  add([](auto& x) { return x.epoch; });
  return out += '}';
}

void end_rows(std::string& out) {
  out += out.empty() ? "[]" : "]";
}

} // namespace souk::persistence
