#include "daemon/store/faults.h"

#include <sqlite3.h>

#include <new>

namespace klaxon::store {
namespace {

// Only the WAL goes through this: the system's own file lies right behind it in the room SQLite gave us.
struct WalFile {
  sqlite3_file base;
  Faults* faults;
  sqlite3_file* real;
};

WalFile* wal(sqlite3_file* file) {
  return reinterpret_cast<WalFile*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return wal(file)->real;
}

// Takes one of the failures that are left.
bool strikes(Faults& faults) {
  if (!faults.in_batch) return false;
  int left = faults.failing;
  while (left > 0 && !faults.failing.compare_exchange_weak(left, left - 1)) {
  }
  return left > 0;
}

int write_code(Failure::Kind kind) {
  switch (kind) {
    case Failure::Kind::full:
      return SQLITE_FULL;
    case Failure::Kind::read_only:
      return SQLITE_READONLY;
    case Failure::Kind::busy:
      return SQLITE_BUSY;
    case Failure::Kind::corrupt:
      return SQLITE_CORRUPT;
    default:
      return SQLITE_OK;
  }
}

int wal_close(sqlite3_file* file) {
  return real(file)->pMethods->xClose(real(file));
}
int wal_read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  return real(file)->pMethods->xRead(real(file), to, size, at);
}
int wal_write(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  Faults& faults = *wal(file)->faults;
  const int code = write_code(faults.kind);
  if (code != SQLITE_OK && strikes(faults)) return code;
  return real(file)->pMethods->xWrite(real(file), from, size, at);
}
int wal_truncate(sqlite3_file* file, sqlite3_int64 size) {
  return real(file)->pMethods->xTruncate(real(file), size);
}
int wal_sync(sqlite3_file* file, int flags) {
  Faults& faults = *wal(file)->faults;
  if (faults.in_batch) faults.stalled.wait(true);
  if (write_code(faults.kind) == SQLITE_OK && strikes(faults)) return SQLITE_IOERR_FSYNC;
  return real(file)->pMethods->xSync(real(file), flags);
}
int wal_size(sqlite3_file* file, sqlite3_int64* size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}
int wal_lock(sqlite3_file* file, int level) {
  return real(file)->pMethods->xLock(real(file), level);
}
int wal_unlock(sqlite3_file* file, int level) {
  return real(file)->pMethods->xUnlock(real(file), level);
}
int wal_reserved(sqlite3_file* file, int* out) {
  return real(file)->pMethods->xCheckReservedLock(real(file), out);
}
int wal_control(sqlite3_file* file, int op, void* argument) {
  return real(file)->pMethods->xFileControl(real(file), op, argument);
}
int wal_sector(sqlite3_file* file) {
  return real(file)->pMethods->xSectorSize(real(file));
}
int wal_device(sqlite3_file* file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

constexpr sqlite3_io_methods kWalMethods = {1,           wal_close,  wal_read,   wal_write,  wal_truncate,
                                            wal_sync,    wal_size,   wal_lock,   wal_unlock, wal_reserved,
                                            wal_control, wal_sector, wal_device, nullptr,    nullptr,
                                            nullptr,     nullptr,    nullptr,    nullptr};

}  // namespace

struct FaultyDisk::Shim {
  sqlite3_vfs vfs;
  sqlite3_vfs* system;
  std::shared_ptr<Faults> faults;
  std::string name;

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out) {
    auto* shim = static_cast<Shim*>(vfs->pAppData);
    if ((flags & SQLITE_OPEN_WAL) == 0) return shim->system->xOpen(shim->system, path, file, flags, out);
    auto* behind = reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(WalFile));
    auto* made = new (file) WalFile{{nullptr}, shim->faults.get(), behind};
    const int code = shim->system->xOpen(shim->system, path, behind, flags, out);
    if (code == SQLITE_OK) made->base.pMethods = &kWalMethods;
    return code;
  }
};

FaultyDisk::FaultyDisk(std::shared_ptr<Faults> faults) : shim_(std::make_unique<Shim>()) {
  static std::atomic<unsigned> count{0};
  shim_->system = sqlite3_vfs_find(nullptr);
  shim_->faults = std::move(faults);
  shim_->name = "klaxon-faults-" + std::to_string(count++);
  shim_->vfs = *shim_->system;  // all but opening needs no change
  shim_->vfs.pNext = nullptr;
  shim_->vfs.szOsFile += static_cast<int>(sizeof(WalFile));
  shim_->vfs.zName = shim_->name.c_str();
  shim_->vfs.pAppData = shim_.get();
  shim_->vfs.xOpen = &Shim::open;
  sqlite3_vfs_register(&shim_->vfs, 0);
}

FaultyDisk::~FaultyDisk() {
  sqlite3_vfs_unregister(&shim_->vfs);
}

const char* FaultyDisk::vfs_name() const {
  return shim_->name.c_str();
}

}  // namespace klaxon::store
