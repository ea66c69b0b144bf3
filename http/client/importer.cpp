#include "http/client/importer.hpp"

#include "http/client/records/raw_json.hpp"

#include <algorithm>
#include <utility>

namespace souk::client {
namespace {

/// What a result says about its item. Errors may be texts or objects with pointer and detail.
std::string reason(std::string_view result) {
  std::string out;
  const auto add = [&out](std::string_view text) {
    if (!text.empty())
      out.append(out.empty() ? "" : "; ").append(text);
  };
  for (auto error : elements(member(result, "errors"))) {
    if (!error.starts_with('{')) {
      add(text_of(error));
      continue;
    }
    auto pointer = text_of(member(error, "pointer"));
    if (const auto slash = pointer.rfind('/'); slash != pointer.npos)
      pointer.erase(0, slash + 1); // `/items/3/price`: the line says which item
    add(pointer + (pointer.empty() ? "" : " ") + text_of(member(error, "detail")));
  }
  if (out.empty())
    add(text_of(member(result, "detail")));
  if (out.empty())
    add(text_of(member(result, "code")));
  if (out.empty())
    add("refused with status " + text_of(member(result, "status")));
  return out;
}

/// Nothing happened, or what did is found by the item's own key.
bool may_be_sent_again(const item& x, std::string_view result) {
  return member(result, "status") == "503"
         && (!x.key.empty() || text_of(member(result, "code")) != "outcome_unknown");
}

} // namespace

importer::importer(api& shop, table what, std::function<void(uint64_t, const std::string&)> refused)
  : shop_{shop},
    path_{"/api/v1/" + std::string{to_string(what)} + "/import"},
    refused_{std::move(refused)} {}

void importer::take(item x) {
  if (!x.key.empty() && keys_.count(x.key) > 0) {
    flush();
    while (keys_.count(x.key) > 0)
      shop_.run_once();
  }
  if (next_.weight + x.weight > max_weight || next_.bytes + x.json.size() > max_bytes)
    flush();
  if (!x.key.empty())
    keys_.insert(x.key);
  next_.weight += x.weight;
  next_.bytes += x.json.size();
  next_.items.push_back(std::move(x));
}

void importer::finish() {
  flush();
  while (in_flight_ > 0)
    shop_.run_once();
}

uint64_t importer::first_open_line() const {
  auto out = open_.empty() ? 0 : *open_.begin();
  if (!next_.items.empty() && (out == 0 || next_.items.front().line < out))
    out = next_.items.front().line;
  return out;
}

void importer::flush() {
  if (next_.items.empty())
    return;
  while (in_flight_ >= shop_.connections())
    shop_.run_once();
  send(std::exchange(next_, {}));
}

void importer::send(batch x) {
  std::string body = "{\"items\":[";
  body.reserve(x.bytes + x.items.size() + 32);
  for (const auto& i : x.items)
    body.append(&i == &x.items.front() ? "" : ",").append(i.json);
  body += "]}";
  ++in_flight_;
  open_.insert(x.items.front().line);
  if (x.begin == clock::time_point{})
    x.begin = clock::now();
  const auto wait = x.wait;
  shop_.send(
    "POST", path_, std::move(body),
    [this, x = std::move(x)](const reply& got) mutable { answered(std::move(x), got); }, wait);
}

void importer::send_again(batch x, const std::string& why) {
  const auto& how = shop_.how_patient();
  x.wait = std::clamp(x.wait * 2, how.first_wait, how.longest_wait);
  if (clock::now() + x.wait > x.begin + how.give_up)
    throw client_error{"gave up on " + shop_.url() + ": " + why};
  shop_.say_waits(why, x.begin, clock::now() + x.wait);
  send(std::move(x));
}

void importer::answered(batch x, const reply& got) {
  const auto first = x.items.front().line;
  if (got.status == 400 || got.status == 413 || got.status == 422) {
    // About the request as a whole: whichever items are to blame, the others shall go in.
    if (x.items.size() > 1)
      split(std::move(x));
    else {
      keys_.erase(x.items.front().key);
      refuse(first, describe(got));
    }
  } else {
    if (got.status < 200 || got.status > 299)
      throw client_error{"the import was refused: " + describe(got)};
    const auto results =
      is_json(got.body) ? elements(member(got.body, "results")) : std::vector<std::string_view>{};
    if (results.size() != x.items.size())
      throw client_error{"the server's answer to " + std::to_string(x.items.size()) + " items has "
                         + std::to_string(results.size()) + " results"};
    batch later;
    later.begin = x.begin;
    later.wait = x.wait;
    std::string why;
    for (size_t i = 0; i < results.size(); ++i) {
      if (!may_be_sent_again(x.items[i], results[i])) {
        settle(x.items[i], results[i]);
        continue;
      }
      why = reason(results[i]);
      later.bytes += x.items[i].json.size();
      later.weight += x.items[i].weight;
      later.items.push_back(std::move(x.items[i]));
    }
    if (!later.items.empty())
      send_again(std::move(later), why);
  }
  --in_flight_;
  open_.erase(open_.find(first));
}

void importer::settle(const item& x, std::string_view result) {
  keys_.erase(x.key);
  const auto status = member(result, "status");
  if (status != "200" && status != "201")
    return refuse(x.line, reason(result));
  ++(status == "201" ? counts_.created : counts_.updated);
  if (x.disabled)
    disable(x.line, text_of(member(result, "id")));
}

void importer::split(batch x) {
  batch second;
  const auto middle = x.items.begin() + static_cast<std::ptrdiff_t>(x.items.size() / 2);
  second.items.assign(std::make_move_iterator(middle), std::make_move_iterator(x.items.end()));
  x.items.erase(middle, x.items.end());
  send(std::move(x));
  send(std::move(second));
}

void importer::disable(uint64_t line, const std::string& id) {
  ++in_flight_;
  open_.insert(line);
  shop_.send("PATCH", "/api/v1/users/" + url_encoded(id), R"({"disabled":true})",
             [this, line](const reply& got) {
               --in_flight_;
               open_.erase(open_.find(line));
               if (got.status != 200)
                 refuse(line, "was imported, but cannot be disabled: " + describe(got));
             });
}

void importer::refuse(uint64_t line, const std::string& why) {
  ++counts_.skipped;
  refused_(line, why);
}

} // namespace souk::client
