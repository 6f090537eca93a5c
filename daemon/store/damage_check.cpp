#include "daemon/store/damage_check.h"

#include <vector>

namespace klaxon::store {

std::string find_damage(Connection& db) {
  std::vector<std::string> tables;
  {
    Query rows = db.query("SELECT name FROM sqlite_schema WHERE type='table' ORDER BY rootpage");
    while (rows.next()) tables.push_back(rows.text(0));
  }
  std::string words;
  for (const std::string& table : tables) {
    Query rows = db.query("PRAGMA quick_check('" + table + "')");
    if (rows.next() && rows.view(0) != "ok")
      words += (words.empty() ? "" : "; ") + table + ": " + rows.text(0);
  }
  if (db.failed()) words += (words.empty() ? "" : "; ") + db.failure()->text;
  return words;
}

void DamageCheck::run() {
  auto db = Connection::open(ground_->dir->database(), Connection::Use::read, ground_->vfs());
  std::string words;
  if (db) {
    db->stop_when(&stopping_);
    words = find_damage(*db);
  } else {
    words = db.error().text;
  }
  if (words.empty() || stopping_) return;
  {
    const std::lock_guard lock(mutex_);
    finding_ = words;
  }
  bell_->ring();
}

std::optional<std::string> DamageCheck::finding() const {
  const std::lock_guard lock(mutex_);
  return finding_;
}

}  // namespace klaxon::store
