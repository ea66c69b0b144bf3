#include "http/client/import.hpp"

#include "http/client/categories.hpp"
#include "http/client/importer.hpp"
#include "http/client/progress.hpp"
#include "http/client/records/raw_json.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

namespace souk::client {
namespace {

/// One run of the command.
class import_run {
public:
  import_run(const shop_login& who, const import_options& options, const console& to)
    : options_{options},
      to_{to},
      name_{options.file == "-" ? "standard input" : options.file},
      progress_{to.err, to.bar, std::string{to_string(options.what)}, open(options.file)} {
    if (options.dry_run)
      return;
    auto how = options.how;
    how.waits = [this](const std::string& why) { progress_.line("souk: " + why); };
    shop_.emplace(who, how);
    categories_.emplace(*shop_);
    importer_.emplace(*shop_, options.what,
                      [this](uint64_t line, const std::string& why) { tell(line, why); });
  }

  int run() {
    if (shop_)
      shop_->log_in();
    try {
      read();
      if (importer_)
        importer_->finish();
    } catch (const file_error& e) {
      stop(quoted(name_) + ": " + e.what());
    } catch (const client_error& e) {
      stop(e.what());
    }
    progress_.end();
    summarise();
    return bad_ + counts().skipped == 0 ? 0 : 1;
  }

private:
  static std::string quoted(const std::string& text) {
    auto out = json_string(text);
    return out.empty() ? "the file" : out;
  }

  /// Returns its size, as far as that is known.
  uint64_t open(const std::string& path) {
    if (path == "-")
      return 0;
    file_.open(path, std::ios::binary);
    if (!file_)
      throw client_error{"cannot read " + quoted(path) + ": " + std::strerror(errno)};
    std::error_code ignored;
    const auto size = std::filesystem::file_size(path, ignored);
    return ignored ? 0 : size;
  }

  void read() {
    auto& in = options_.file == "-" ? to_.in : file_;
    const auto reader = make_reader(options_.format, in, columns_of(options_.what));
    while (auto next = reader->next()) {
      if (interrupted())
        throw client_error{"interrupted"};
      if (const auto* bad = std::get_if<bad_line>(&*next))
        leave_out(*bad);
      else
        take(std::get<record>(*next));
      progress_.show(settled(), reader->bytes());
    }
  }

  void take(const record& from) {
    auto made = make_item(options_.what, from);
    if (const auto* bad = std::get_if<bad_line>(&made))
      return leave_out(*bad);
    auto& x = std::get<item>(made);
    if (!importer_) {
      ++good_;
      return;
    }
    if (!x.category.empty()) {
      if (!categories_loaded_)
        categories_->load();
      categories_loaded_ = true;
      const auto found = categories_->find(x.category);
      if (!found.why.empty())
        return leave_out({x.line, found.why});
      add_member(x.json, "category_id", std::to_string(found.id));
    }
    importer_->take(std::move(x));
  }

  void leave_out(const bad_line& x) {
    ++bad_;
    tell(x.line, x.why);
  }

  void tell(uint64_t line, const std::string& why) {
    progress_.line("souk: " + name_ + " line " + std::to_string(line) + ": " + why);
  }

  import_counts counts() const { return importer_ ? importer_->counts() : import_counts{}; }
  uint64_t settled() const { return good_ + bad_ + counts().settled(); }

  [[noreturn]] void stop(const std::string& why) {
    progress_.end();
    const auto open = importer_ ? importer_->first_open_line() : 0;
    if (settled() > 0)
      summarise();
    throw client_error{
      why + (open > 0 ? " (settled up to line " + std::to_string(open - 1) + ")" : "")};
  }

  void summarise() const {
    const std::string what{to_string(options_.what)};
    if (!importer_) {
      to_.out << with_commas(good_) << ' ' << what << " can be read, " << with_commas(bad_)
              << " cannot; nothing was sent" << std::endl;
      return;
    }
    const auto c = counts();
    const auto taken = c.created + c.updated;
    const auto ms = std::max<int64_t>(1, progress_.elapsed().count());
    to_.out << with_commas(taken) << ' ' << what << " imported: " << with_commas(c.created)
            << " created, " << with_commas(c.updated) << " updated, "
            << with_commas(bad_ + c.skipped) << " skipped; ";
    if (categories_->made() > 0)
      to_.out << with_commas(categories_->made()) << " categories made; ";
    to_.out << in_seconds(progress_.elapsed()) << ", "
            << with_commas(taken * 1000 / static_cast<uint64_t>(ms)) << "/s" << std::endl;
  }

  const import_options& options_;
  const console& to_;
  std::string name_;
  std::ifstream file_;
  progress progress_;
  std::optional<api> shop_; ///< none in a dry run, as the next two
  std::optional<categories> categories_;
  std::optional<importer> importer_;
  bool categories_loaded_ = false;
  uint64_t good_ = 0; ///< in a dry run
  uint64_t bad_ = 0;  ///< lines that were never sent
};

} // namespace

int import_file(const shop_login& who, const import_options& options, const console& to) {
  return import_run{who, options, to}.run();
}

} // namespace souk::client
