#include "http/aliases/translation.hpp"

#include "actors/domain/user.hpp"
#include "actors/error.hpp"
#include "http/server/problem_text.hpp"

#include <algorithm>
#include <utility>

namespace souk::http::aliases {
namespace {

/// Of an answer of ours, whose size the API has bounded.
constexpr size_t max_answer_values = 10'000'000;

bool is_success(const response& r) {
  return r.status >= 200 && r.status < 300;
}

std::string text_of(const json_value& x) {
  return x.is(json_kind::string) ? x.text : to_json(x);
}

void erase_header(response& r, std::string_view name) {
  std::erase_if(r.headers, [name](const auto& x) { return x.first == name; });
}

bool is_replayed(const response& r) {
  return std::any_of(r.headers.begin(), r.headers.end(),
                     [](const auto& x) { return x.first == "Idempotent-Replayed"; });
}

/// Whether an answer is what is kept for a key, or says why that cannot be told.
bool tells_of_key(const response& r) {
  return is_replayed(r) || r.status == 429 || r.status >= 500
         || r.code == actors::to_string(actors::ec::idempotency_key_reused);
}

/// A target without the slash at its path's end, which changes nothing.
std::string without_slash(std::string target) {
  const auto end = std::min(target.find('?'), target.size());
  if (end > 1 && target[end - 1] == '/')
    target.erase(end - 1, 1);
  return target;
}

/// A pointer in the form's terms.
std::string renamed(const std::vector<std::pair<std::string, std::string>>& names,
                    const std::string& pointer) {
  for (const auto& [from, to] : names)
    if (pointer == from || pointer.rfind(from + "/", 0) == 0)
      return to + pointer.substr(from.size());
  return pointer;
}

/// Lets a problem's pointers name the fields as they were sent.
void rename_pointers(response& r, const std::vector<std::pair<std::string, std::string>>& names) {
  if (names.empty() || r.content_type != problem_content_type)
    return;
  auto problem = read_json(r.body);
  auto* errors = problem.root ? find(*problem.root, "errors") : nullptr;
  if (!errors)
    return;
  for (auto& error : errors->items)
    if (auto* pointer = find(error, "pointer"))
      pointer->text = renamed(names, pointer->text);
  r.body = to_json(*problem.root);
}

} // namespace

std::optional<json_value> json_of(const response& r) {
  if (!is_success(r))
    return std::nullopt;
  if (r.body.empty())
    return json_value{};
  return read_json(r.body, max_answer_values).root;
}

translation::translation(std::shared_ptr<inner_link> inner, const form& at, request&& sent,
                         reply&& answer, std::vector<std::string> path_values, rules how)
  : inner_{std::move(inner)},
    at_{&at},
    sent_{std::move(sent)},
    answer_{std::move(answer)},
    path_values_{std::move(path_values)},
    how_{how},
    body_{make_object()},
    values_{make_object()} {
  if (at.own)
    on_behalf_of_ = "me";
}

void translation::start() {
  if (lacks_token()) // nothing is looked up for nobody
    return refuse({401, "unauthenticated", "A token is needed."});
  if (read_fields())
    step(0);
}

/// Whether the canonical route would refuse whatever is asked of it.
bool translation::lacks_token() const {
  const bool open = at_->open || (at_->catalog && how_.open_catalog);
  return !open && sent_.authorization.empty() && sent_.user_id.empty();
}

// -- asking ---------------------------------------------------------------------------------------

void translation::step(size_t index) {
  if (index == at_->before.size())
    return send();
  at_->before[index](shared_from_this(),
                     [self = shared_from_this(), index] { self->step(index + 1); });
}

bool translation::fill_target(json_value& body) {
  target_.clear();
  auto rest = at_->to;
  std::vector<field_error> missing;
  while (true) {
    const auto open = std::min(rest.find('{'), rest.size());
    target_ += rest.substr(0, open);
    if (open == rest.size())
      break;
    const auto close = rest.find('}');
    const auto name = rest.substr(open + 1, close - open - 1);
    const auto value = take(body, name);
    rest.remove_prefix(close + 1);
    const bool fits = value && (kind_of(name) == read_as::user || value->is(json_kind::integer));
    if (fits)
      target_ += percent_encode(text_of(*value));
    else
      missing.push_back({renamed(pointers_, "/" + std::string{name}),
                         value ? "must be an integer" : "is required"});
  }
  if (missing.empty())
    return true;
  fail(make_invalid(missing, sent_.request_id));
  return false;
}

request translation::make_request(http_method method, std::string target, std::string body) const {
  request out;
  out.method = to_string(method);
  out.target = std::move(target);
  out.body = std::move(body);
  if (!out.body.empty())
    out.content_type = "application/json";
  out.authorization = sent_.authorization;
  out.user_id = sent_.user_id;
  out.request_id = sent_.request_id;
  out.peer = sent_.peer;
  out.forwarded_for = sent_.forwarded_for;
  out.on_behalf_of = on_behalf_of_;
  return out;
}

void translation::dispatch(request&& req, answered then) {
  if (inner_->app)
    return inner_->app->handle(std::move(req), reply{std::move(then)});
  auto lost = make_problem({503, "overloaded", "The server is stopping.", true}, sent_.request_id);
  then(std::move(lost));
}

void translation::ask(http_method method, std::string target, std::string body, answered then) {
  dispatch(make_request(method, std::move(target), std::move(body)), std::move(then));
}

void translation::send() {
  auto body = values_;
  if (!fill_target(body))
    return;
  if (at_->list)
    return send_list();
  const bool has_body = at_->to_method != http_method::get && !at_->fields.empty()
                        && !(at_->body_optional && body.members.empty());
  auto out = make_request(at_->to_method, target_, has_body ? to_json(body) : std::string{});
  if (at_->whole_body) {
    out.body = sent_.body;
    out.content_type = sent_.content_type;
  }
  out.trusted_catalog = at_->catalog && how_.open_catalog;
  out.idempotency_key = sent_.idempotency_key;
  // Not as it goes on: what is looked up may differ at the next try.
  out.sent_as = without_slash(sent_.target) + '\n' + sent_.body;
  out.has_idempotency_key = sent_.has_idempotency_key;
  out.if_match = sent_.if_match;
  if (!at_->after) // else the answer holds more than its ETag names
    out.if_none_match = sent_.if_none_match;
  dispatch(std::move(out),
           [self = shared_from_this()](response&& r) { self->receive(std::move(r)); });
}

void translation::read_all(std::vector<std::string> targets,
                           std::function<void(std::vector<response>&&)> done) {
  struct run {
    std::vector<std::string> targets;
    std::vector<response> answers;
    std::function<void(std::vector<response>&&)> done;

    static void next(const std::shared_ptr<run>& self, const translation_ptr& t) {
      const auto at = self->answers.size();
      const bool failed = at > 0 && self->answers.back().status >= 500;
      if (failed || at == self->targets.size())
        return self->done(std::move(self->answers));
      t->ask(http_method::get, self->targets[at], {}, [self, t](response&& r) {
        self->answers.push_back(std::move(r));
        next(self, t);
      });
    }
  };
  run::next(std::make_shared<run>(run{std::move(targets), {}, std::move(done)}),
            shared_from_this());
}

// -- answering ------------------------------------------------------------------------------------

bool translation::refuse_unless_kept(std::function<void()> refusal) {
  if (!sent_.has_idempotency_key) {
    refusal();
    return false;
  }
  if (!unless_kept_) // the first thing that is wrong
    unless_kept_ = std::move(refusal);
  return true;
}

void translation::receive(response&& r) {
  if (unless_kept_ && !is_success(r) && !tells_of_key(r))
    return std::exchange(unless_kept_, nullptr)();
  if (is_success(r))
    take_success(std::move(r));
  else if (at_->refused)
    at_->refused(shared_from_this(), std::move(r));
  else
    pass_refusal(std::move(r));
}

std::string translation::pointer_of(const std::string& canonical) const {
  return renamed(pointers_, canonical);
}

void translation::pass_refusal(response&& why) {
  rename_pointers(why, pointers_);
  answer_(std::move(why));
}

void translation::take_success(response&& r) {
  r.status = at_->status;
  if (!at_->message.empty()) {
    success_ = std::move(r);
    auto answer = make_object();
    set(answer, "message", make_text(at_->message));
    return finish(answer);
  }
  if (!at_->shape && !at_->after)
    return succeed(std::move(r));
  success_ = std::move(r);
  auto answer = json_of(success_);
  if (!answer)
    return refuse(describe(actors::ec::internal));
  shape(*answer);
  if (!at_->after)
    return finish(*answer);
  erase_header(success_, "ETag");
  at_->after(shared_from_this(), std::move(*answer));
}

void translation::shape(json_value& answer) {
  if (!at_->shape)
    return;
  if (!answer.is(json_kind::array))
    return at_->shape(*this, answer);
  for (auto& item : answer.items)
    at_->shape(*this, item);
}

void translation::add_header(std::string name, std::string value) {
  headers_.emplace_back(std::move(name), std::move(value));
}

void translation::finish(const json_value& answer) {
  success_.body = to_json(answer);
  success_.content_type = "application/json";
  succeed(std::move(success_));
}

void translation::succeed(response&& r) {
  if (!is_replayed(r)) // what they say is of the first answer's time
    for (auto& x : headers_)
      r.headers.push_back(std::move(x));
  answer_(std::move(r));
}

void translation::fail(response&& why) {
  why.headers.emplace_back("X-Content-Type-Options", "nosniff");
  why.headers.emplace_back("Cache-Control", "no-store");
  if (inner_->app)
    inner_->app->complete(why, {}); // which counts it
  answer_(std::move(why));
}

void translation::refuse(const failure& why) {
  fail(make_problem(why, sent_.request_id));
}

void translation::fail_field(std::string pointer, std::string detail) {
  fail(make_invalid({{std::move(pointer), std::move(detail)}}, sent_.request_id));
}

void translation::fail_products(std::vector<field_error> where) {
  const auto why = describe(actors::ec::product_not_found);
  auto problem = read_json(make_invalid(where, sent_.request_id).body).root.value_or(make_object());
  set(problem, "code", make_text(why.code));
  set(problem, "detail", make_text(why.detail));
  auto out = make_problem(why, sent_.request_id);
  out.body = to_json(problem);
  rename_pointers(out, pointers_);
  fail(std::move(out));
}

} // namespace souk::http::aliases
