// One request of a form on its way: read, asked for in canonical form, answered in the form's
// shape.
#pragma once

#include "http/aliases/decorator.hpp"
#include "http/aliases/form.hpp"
#include "http/routes/problem.hpp"
#include "http/server/exchange.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace souk::http::aliases {

/// Rows of a list that are joined; beyond them there is a Link.
inline constexpr size_t max_joined_rows = 10'000;

/// Bytes of a joined list: what one request may make us hold.
inline constexpr size_t max_joined_bytes = 16'777'216;

/// The application behind the forms; null once it is being destroyed.
struct inner_link {
  std::unique_ptr<application> app;
};

/// Lives until its answer is given; held by whatever it waits for. On the io thread, but for an
/// answer that was lost on its way: that is a 503, which may come on another thread and after which
/// nothing more may be asked.
class translation : public std::enable_shared_from_this<translation> {
public:
  using answered = std::function<void(response&&)>;

  /// `path_values`: of the form's segments in braces, in their order, decoded.
  translation(std::shared_ptr<inner_link> inner, const form& at, request&& sent, reply&& answer,
              std::vector<std::string> path_values, rules how);

  /// Reads the request and takes it from there.
  void start();

  // -- for steps ----------------------------------------------------------------------------------

  const form& at() const { return *at_; }
  const rules& how() const { return how_; }
  const request& sent() const { return sent_; }

  /// The fields of the canonical request, those of its path among them. An object.
  json_value& values() { return values_; }

  /// A field of the form that is not part of the canonical request; nothing if it was not sent.
  const json_value* sent_field(std::string_view name) const { return body_.find(name); }

  /// The user for whom the canonical requests are made (request::on_behalf_of).
  void act_for(std::string user) { on_behalf_of_ = std::move(user); }
  const std::string& acts_for() const { return on_behalf_of_; }

  /// What a step before leaves to the shaping of the answer; null: nothing.
  json_value& noted() { return noted_; }

  /// What is wrong with a canonical field is wrong with that one of the form.
  void point(std::string canonical, std::string sent) {
    pointers_.emplace_back(std::move(canonical), std::move(sent));
  }

  /// Where a canonical field was sent.
  std::string pointer_of(const std::string& canonical) const;

  /// Adds a header to a success.
  void add_header(std::string name, std::string value);

  /// Another canonical request, in the name of the same caller. It carries no Idempotency-Key.
  void ask(http_method method, std::string target, std::string body, answered then);

  /// Reads targets one after the other until one fails with 5xx; `done` gets the answers so far.
  void read_all(std::vector<std::string> targets,
                std::function<void(std::vector<response>&&)> done);

  /// Ends it with `refusal`, unless the request's Idempotency-Key has its answer already, which may
  /// be from before a product was gone. The canonical request tells, with `no_product` where the
  /// product's id is unknown; without a key it ends at once. Returns whether it goes on.
  bool refuse_unless_kept(std::function<void()> refusal);

  /// Ends it with a failure of the form's own, which is counted; on the io thread only.
  void fail(response&& why);
  void refuse(const failure& why);
  /// 422 at one place of the form.
  void fail_field(std::string pointer, std::string detail);
  /// 422 `product_not_found`; pointers in the canonical request's terms.
  void fail_products(std::vector<field_error> where);

  /// Ends it with a success.
  void finish(const json_value& answer);

  /// Ends it with a success or a refusal of a canonical request, in the form's terms.
  void take_success(response&& r);
  void pass_refusal(response&& why);

private:
  struct joined_list;

  bool lacks_token() const;
  bool read_fields();
  bool read_body();
  void take_query();
  /// Notes fields of the form that were sent more than once. `place`: before their names.
  void refuse_repeated(const std::vector<std::pair<std::string, std::string>>& sent,
                       const std::string& place);
  bool reads(std::string_view name) const; ///< whether it is a field of the form
  void take_path();
  void take_field(const form_field& field);
  void take_one_item();
  std::string pointer_to(std::string_view name) const;
  void step(size_t index);
  void send();
  void send_page(const std::shared_ptr<joined_list>& list, std::string cursor);
  void add_page(const std::shared_ptr<joined_list>& list, response&& page);
  bool fill_target(json_value& body);
  bool is_field(std::string_view name) const;
  void send_list();
  void add_next_link(response& page, const std::string& cursor) const;
  request make_request(http_method method, std::string target, std::string body) const;
  void dispatch(request&& req, answered then);
  void shape(json_value& answer);
  void receive(response&& r);
  void succeed(response&& r);

  std::shared_ptr<inner_link> inner_;
  const form* at_;
  request sent_;
  reply answer_;
  std::vector<std::string> path_values_;
  rules how_;
  json_value body_;         ///< as sent, with the query's fields added; an object
  size_t query_fields_ = 0; ///< how many of them, at the end, are the query's
  json_value values_;
  json_value noted_;
  std::vector<std::pair<std::string, std::string>> pointers_; ///< canonical -> in the form
  std::vector<field_error> errors_;
  std::string on_behalf_of_;
  std::string target_;
  std::function<void()> unless_kept_; ///< the refusal, if no answer is kept
  response success_; ///< of the canonical request, while its answer is being shaped
  std::vector<std::pair<std::string, std::string>> headers_;
};

/// An id that no product has.
inline constexpr int64_t no_product = (int64_t{1} << 53) - 1;

/// What a variable of a path or a template is, by its name.
read_as kind_of(std::string_view name);

/// A target's query, decoded. None if it is not readable: the canonical route demands what is
/// needed.
std::vector<std::pair<std::string, std::string>> query_fields(std::string_view target);

/// The JSON of a successful answer; nothing if it failed.
std::optional<json_value> json_of(const response& r);

} // namespace souk::http::aliases
