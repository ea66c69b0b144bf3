#include "http/aliases/decorator.hpp"

#include "http/aliases/translation.hpp"

#include <algorithm>
#include <array>

namespace souk::http::aliases {
namespace {

constexpr std::array<std::string_view, 6> prefixes{"/auth-service", "/order-service", "/user-api",
                                                   "/cart-api",     "/order-api",     "/api"};

/// Whether `target` is `path` or something below it.
bool is_below(std::string_view target, std::string_view path) {
  if (target.substr(0, path.size()) != path)
    return false;
  const auto rest = target.substr(path.size());
  return rest.empty() || rest[0] == '/' || rest[0] == '?';
}

/// Takes one of the prefixes off.
void drop_prefix(std::string& target) {
  if (is_below(target, "/api/v1"))
    return;
  for (const auto prefix : prefixes)
    if (is_below(target, prefix)) {
      target.erase(0, prefix.size());
      if (target.empty() || target[0] == '?')
        target.insert(0, 1, '/');
      return;
    }
}

/// The segments of a path, without one slash at its end.
std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> out;
  if (path.size() > 1 && path.back() == '/')
    path.remove_suffix(1);
  while (!path.empty()) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    out.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return out;
}

/// A row with its path taken apart, once for all requests.
struct prepared_form {
  const form* row;
  std::vector<std::string_view> segments;
  std::string_view begin; ///< of the path, up to its first variable
};

const std::vector<prepared_form>& prepared_forms() {
  static const auto all = [] {
    std::vector<prepared_form> out;
    for (const auto& x : all_forms())
      out.push_back({&x, segments_of(x.path), x.path.substr(0, x.path.find('{'))});
    return out;
  }();
  return all;
}

/// Whether a row may fit, by how a target begins: most are canonical, and leave here at once.
bool may_fit(std::string_view target) {
  const auto& rows = prepared_forms();
  return target.find('%') != target.npos
         || std::any_of(rows.begin(), rows.end(),
                        [target](const auto& x) { return target.starts_with(x.begin); });
}

/// A request's path, decoded.
struct path_text {
  std::vector<std::string> segments;
  std::string_view query;
};

/// Nothing if an escape is broken: the canonical API says so.
std::optional<path_text> read_path(std::string_view target) {
  path_text out;
  const auto end = std::min(target.find('?'), target.size());
  if (end < target.size())
    out.query = target.substr(end + 1);
  for (const auto segment : segments_of(target.substr(0, end))) {
    auto decoded = percent_decode(segment, false);
    if (!decoded || !count_code_points(*decoded))
      return std::nullopt;
    out.segments.push_back(std::move(*decoded));
  }
  return out;
}

bool fits(const prepared_form& x, const path_text& path) {
  const auto same = [](std::string_view wanted, const std::string& sent) {
    return wanted.substr(0, 1) == "{" ? !sent.empty() : wanted == sent;
  };
  return std::equal(x.segments.begin(), x.segments.end(), path.segments.begin(),
                    path.segments.end(), same);
}

std::vector<std::string> values_in(const prepared_form& x, path_text&& path) {
  std::vector<std::string> out;
  for (size_t i = 0; i < x.segments.size(); ++i)
    if (x.segments[i].front() == '{')
      out.push_back(std::move(path.segments[i]));
  return out;
}

/// Literal segments win over variables: of the rows that fit, only those with the fewest.
std::vector<const prepared_form*> forms_at(const path_text& path) {
  std::vector<const prepared_form*> out;
  size_t fewest = path.segments.size() + 1;
  for (const auto& x : prepared_forms()) {
    if (!fits(x, path))
      continue;
    const auto variables =
      static_cast<size_t>(std::count(x.row->path.begin(), x.row->path.end(), '{'));
    if (variables < fewest)
      out.clear();
    fewest = std::min(fewest, variables);
    if (variables == fewest)
      out.push_back(&x);
  }
  return out;
}

std::string allowed(const std::vector<const prepared_form*>& forms) {
  std::string out;
  for (const auto method : {http_method::get, http_method::post, http_method::put,
                            http_method::patch, http_method::remove}) {
    const auto has = [method](const auto* x) { return x->row->method == method; };
    if (std::none_of(forms.begin(), forms.end(), has))
      continue;
    out.append(to_string(method)).append(", ");
    if (method == http_method::get)
      out += "HEAD, ";
  }
  return out + "OPTIONS";
}

/// The method that a row answers to; nothing if no row answers to any like it.
std::optional<http_method> method_of(std::string_view text) {
  if (text == "HEAD")
    return http_method::get;
  for (const auto method : {http_method::get, http_method::post, http_method::put,
                            http_method::patch, http_method::remove})
    if (text == to_string(method))
      return method;
  return std::nullopt;
}

class decorator : public application {
public:
  decorator(std::unique_ptr<application> inner, rules how)
    : inner_{std::make_shared<inner_link>()}, how_{how} {
    inner_->app = std::move(inner);
  }

  ~decorator() override {
    // Whoever is answered at its end must not ask it again.
    const auto last = std::move(inner_->app);
  }

  void complete(response& refusal, const std::string& origin) const override {
    inner_->app->complete(refusal, origin);
  }

  void handle(request&& req, reply answer) override {
    drop_prefix(req.target);
    if (!may_fit(req.target))
      return pass(std::move(req), std::move(answer));
    auto path = read_path(req.target);
    if (!path)
      return pass(std::move(req), std::move(answer));
    const auto forms = forms_at(*path);
    const bool options = req.method == "OPTIONS";
    const auto method = method_of(req.method);
    if (forms.empty() || (!method && !options))
      return pass(std::move(req), std::move(answer));
    for (const auto* x : forms) {
      if (x->row->method != method || (x->row->when && !x->row->when(path->query)))
        continue;
      auto values = values_in(*x, std::move(*path));
      return translate(*x->row, std::move(req), answer, std::move(values));
    }
    if (options)
      return answer_options(std::move(req), answer, allowed(forms));
    auto out = make_problem({405, "method_not_allowed", "This path has other methods: see Allow."},
                            req.request_id);
    out.headers.emplace_back("Allow", allowed(forms));
    refuse(std::move(out), answer);
  }

private:
  void refuse(response&& why, const reply& answer) {
    why.headers.emplace_back("X-Content-Type-Options", "nosniff");
    why.headers.emplace_back("Cache-Control", "no-store");
    inner_->app->complete(why, {}); // which counts it
    answer(std::move(why));
  }

  void pass(request&& req, reply&& answer) {
    inner_->app->handle(std::move(req), std::move(answer));
  }

  void translate(const form& row, request&& req, const reply& answer,
                 std::vector<std::string>&& values) {
    const auto id = req.request_id;
    try {
      std::make_shared<translation>(inner_, row, std::move(req), reply{answer}, std::move(values),
                                    how_)
        ->start();
    } catch (const std::exception&) {
      refuse(make_problem(describe(actors::ec::internal), id), answer);
    }
  }

  /// The API's own answer to OPTIONS, with this path's methods.
  void answer_options(request&& req, const reply& answer, std::string allow) {
    req.target = std::string(1, '*'); // not a literal: g++ 12 warns of an overlap
    pass(std::move(req), reply{[answer, allow = std::move(allow)](response&& r) {
           for (auto& [name, value] : r.headers)
             if (name == "Allow")
               value = allow;
           answer(std::move(r));
         }});
  }

  std::shared_ptr<inner_link> inner_;
  rules how_;
};

} // namespace

std::unique_ptr<application> with_aliases(std::unique_ptr<application> inner, rules how) {
  return std::make_unique<decorator>(std::move(inner), how);
}

} // namespace souk::http::aliases
