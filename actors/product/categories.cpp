// The tree of categories, which product shard 0 owns: it is in memory as a whole, so reads cost no
// query, and every change is checked against all of it.
#include "actors/messages/codec.hpp"
#include "actors/product/actor.hpp"
#include "actors/runtime/stored_answer.hpp"

namespace souk::actors {

namespace {

/// What one message of the reader carries.
constexpr int64_t rows_at_once = 5'000;

constexpr size_t max_categories = 100'000;

event category_event(const char* kind, int64_t id, int64_t now) {
  auto text = std::to_string(id);
  return {0, kind, "category:" + text, "{\"category_id\":" + text + "}", now, {}};
}

} // namespace

/// Runs `done` when the tree is in memory; reads it once for all who wait.
void product_state::with_tree(std::function<void()> done, std::function<void(caf::error)> failed) {
  if (tree_loaded_)
    return done();
  for_tree_.push_back({std::move(done), std::move(failed)});
  if (for_tree_.size() == 1) {
    tree_.clear();
    load_tree(0, tree_life_);
  }
}

void product_state::load_tree(int64_t after, uint64_t life) {
  read_own<category_rows>(
    readers_, load_categories{after, rows_at_once},
    [this, life](category_rows& found) {
      if (life != tree_life_) { // a write failed meanwhile: from the start
        tree_.clear();
        return load_tree(0, tree_life_);
      }
      for (auto& x : found.items)
        tree_.put(x);
      if (found.more && !found.items.empty())
        return load_tree(found.items.back().id, life);
      tree_loaded_ = true;
      for (auto waiting = std::exchange(for_tree_, {}); auto& w : waiting)
        w.done();
    },
    [this](const caf::error& why) {
      for (auto waiting = std::exchange(for_tree_, {}); auto& w : waiting)
        w.failed(why);
    });
}

void product_state::forget_tree() {
  ++tree_life_;
  tree_loaded_ = false;
  if (for_tree_.empty())
    tree_.clear();
}

caf::result<category_answer> product_state::create(create_category& cmd) {
  return change_tree(std::move(cmd.call), [this, category = std::move(cmd.category)](
                                            const call& c, const category_promise& p) {
    if (category.parent_id != 0 && tree_.find(category.parent_id) == nullptr)
      return refuse_category(c, p, ec::category_not_found);
    if (tree_.size() >= max_categories)
      return refuse_category(c, p, ec::too_many_categories);
    with_id([=, this] { create_with_id(c, p, category); },
            [=, this](ec code) { fail_category(c, p, code); });
  });
}

void product_state::create_with_id(const call& c, const category_promise& p,
                                   domain::category category) {
  category.id = next_counter();
  category.created_at = category.updated_at = config.now();
  category.version = 1;
  write w;
  w.category = row_change<domain::category>{category, 0};
  w.events.push_back(category_event("category_created", category.id, category.created_at));
  save_category(c, p, std::move(w), tree_.view(category),
                [this, category] { tree_.put(category); });
}

caf::result<category_answer> product_state::update(update_category& cmd) {
  return change_tree(
    std::move(cmd.call), [this, id = cmd.id, name = std::move(cmd.name),
                          parent_id = cmd.parent_id](const call& c, const category_promise& p) {
      const auto* old = tree_.find(id);
      if (old == nullptr)
        return refuse_category(c, p, ec::not_found);
      auto category = *old;
      category.name = name.value_or(category.name);
      category.parent_id = parent_id.value_or(category.parent_id);
      auto parent = category.parent_id;
      if (parent != 0 && tree_.find(parent) == nullptr)
        return refuse_category(c, p, ec::category_not_found);
      if (tree_.is_within(parent, id))
        return refuse_category(c, p, ec::category_cycle);
      category.updated_at = config.now();
      ++category.version;
      write w;
      w.category = row_change<domain::category>{category, old->version};
      w.events.push_back(category_event("category_changed", id, category.updated_at));
      save_category(c, p, std::move(w), tree_.view(category),
                    [this, category] { tree_.put(category); });
    });
}

caf::result<category_answer> product_state::remove(delete_category& cmd) {
  return change_tree(
    std::move(cmd.call), [this, id = cmd.id](const call& c, const category_promise& p) {
      const auto* old = tree_.find(id);
      if (old == nullptr)
        return refuse_category(c, p, ec::not_found);
      if (tree_.has_children(id))
        return refuse_category(c, p, ec::category_not_empty);
      write w;
      w.removed_category = category_removal{id, old->version};
      w.events.push_back(category_event("category_deleted", id, config.now()));
      save_category(c, p, std::move(w), tree_.view(*old), [this, id] { tree_.erase(id); });
    });
}

/// Changes come one after the other, so that each is checked against what the last one left.
/// Whoever does the work ends it, by one of the three functions below.
caf::result<category_answer>
product_state::change_tree(call c, std::function<void(const call&, const category_promise&)> work) {
  category_promise p{self};
  when_ready(c, p, [this, c, p, work = std::move(work)] {
    if (!category_answers_.begin(c.key, p))
      return;
    changing_tree_.begin(0, [this, c, p, work] {
      if (late(c))
        return fail_category(c, p, ec::overloaded);
      with_tree([=] { work(c, p); },
                [=, this](const caf::error& why) {
                  auto code = code_of(why);
                  fail_category(c, p, code == ec::outcome_unknown ? ec::overloaded : code);
                });
    });
  });
  return p.raw();
}

void product_state::fail_category(const call& c, const category_promise& p, ec code) {
  category_answers_.fail(c.key, p, caf::make_error(code));
  changing_tree_.end(0);
}

void product_state::refuse_category(const call& c, const category_promise& p, ec code) {
  refuse_unless_kept(this, readers_, category_answers_, c.key, p, caf::make_error(code),
                     decode_category_view);
  changing_tree_.end(0);
}

void product_state::save_category(const call& c, const category_promise& p, write w,
                                  category_view view, std::function<void()> adopt) {
  w.request_id = c.request_id;
  if (!c.key.id.empty())
    w.keep = kept_answer{c.key.id, c.key.fingerprint, encode(view)};
  p.if_lost(ec::outcome_unknown);
  send(
    std::move(w),
    [=, this](written& answer) {
      if (answer.refused == refusal::none) {
        if (tree_loaded_)
          adopt();
        category_answers_.succeed(c.key, p, view);
        return changing_tree_.end(0);
      }
      if (answer.refused == refusal::replayed) {
        answer_from_row(category_answers_, c.key, p, answer, decode_category_view);
        return changing_tree_.end(0);
      }
      // The tree was not what this shard thought: it is read anew.
      if (answer.refused != refusal::category_not_empty)
        forget_tree();
      auto code = to_error(answer.refused);
      refuse_category(c, p, code == ec::stale_version ? ec::overloaded : code);
    },
    [=, this](ec code) { fail_category(c, p, code); });
}

caf::result<category_view> product_state::get(const get_category& cmd) {
  promised<category_view> p{self};
  with_tree(
    [this, p, id = cmd.id] {
      if (const auto* x = tree_.find(id))
        p.deliver(tree_.view(*x));
      else
        p.fail(ec::not_found);
    },
    [p](caf::error why) { p.fail(std::move(why)); });
  return p.raw();
}

caf::result<category_list> product_state::list(const list_categories&) {
  promised<category_list> p{self};
  with_tree([this, p] { p.deliver({tree_.in_order()}); },
            [p](caf::error why) { p.fail(std::move(why)); });
  return p.raw();
}

} // namespace souk::actors
