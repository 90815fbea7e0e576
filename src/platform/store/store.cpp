#include "platform/store/store.h"

#include <unordered_set>
#include <utility>

#include "core/base/error.h"
#include "platform/records/unreferenced_content.h"

namespace millrace::store {
namespace {

// How long a client that lost the answer to CompleteMultipartUpload may ask again.
constexpr std::chrono::hours kCompletedUploadsKept{24};

[[noreturn]] void refuse_missing_bucket() {
  throw Error(Blame::Customer, "NoSuchBucket", "The specified bucket does not exist");
}

}  // namespace

Store::Store(records::Database& database, const std::filesystem::path& objects, Allowed allowed)
    : database_(database), contents_(objects), allowed_(std::move(allowed)) {
  const std::vector<std::string> unreferenced = database_.read([](records::Connection& connection) {
    return records::UnreferencedContentTable(connection).all();
  });
  contents_.recover(unreferenced, [this](const std::vector<std::string>& candidates) {
    const std::unordered_set<std::string_view> wanted(candidates.begin(), candidates.end());
    std::vector<std::string> found;
    const auto note = [&](std::string_view content) {
      if (wanted.contains(content)) found.emplace_back(content);
    };
    database_.read([&](records::Connection& connection) {
      records::ObjectTable(connection).each_content(note);
      records::PartTable(connection).each_content(note);
    });
    return found;
  });
  database_.write([&](records::Connection& connection) {
    for (const std::string& content : unreferenced)
      records::UnreferencedContentTable(connection).erase(content);
    records::UploadTable(connection).erase_completed_before(now() - kCompletedUploadsKept);
  });
}

void Store::check_access(const Scope& scope, std::string_view owner, const aws::Caller& caller) {
  const bool other_account = caller.account != owner;
  const bool other_owner_expected =
      scope.expected_owner != nullptr && *scope.expected_owner && **scope.expected_owner != owner;
  if (other_account || other_owner_expected ||
      (allowed_ && !allowed_(caller, scope.bucket, scope.key, scope.access))) {
    throw Error(Blame::Customer, "AccessDenied", "Access Denied");
  }
}

records::BucketRow Store::enter(const Scope& scope, const aws::Caller& caller) {
  std::optional<records::BucketRow> bucket = database_.read([&](records::Connection& connection) {
    return records::BucketTable(connection).find(scope.bucket);
  });
  if (!bucket) refuse_missing_bucket();
  check_access(scope, bucket->account, caller);
  return std::move(*bucket);
}

void Store::require_bucket(records::Connection& connection, std::string_view bucket) {
  if (!records::BucketTable(connection).find(bucket)) refuse_missing_bucket();
}

std::shared_ptr<const OpenObject> Store::open_object(const Scope& scope,
                                                     const aws::Caller& caller) {
  // A content can vanish between look-up and open when its object is replaced; the next look-up
  // finds the new one.
  for (;;) {
    OpenObjects::Found found = open_objects_.find(scope.bucket, scope.key);
    if (found.object) {
      check_access(scope, found.object->owner, caller);
      return found.object;
    }
    const records::BucketRow bucket = enter(scope, caller);
    std::optional<records::ObjectRow> row = database_.read([&](records::Connection& connection) {
      return records::ObjectTable(connection).find(scope.bucket, scope.key);
    });
    if (!row) throw Error(Blame::Customer, "NoSuchKey", "The specified key does not exist.");
    std::optional<Fd> file = contents_.open(row->content);
    if (!file) {
      const std::optional<records::ObjectRow> again =
          database_.read([&](records::Connection& connection) {
            return records::ObjectTable(connection).find(scope.bucket, scope.key);
          });
      if (again && again->content == row->content) {
        throw Error(Blame::Platform,
                    "the file of an object's content is missing from the data directory");
      }
      continue;
    }
    auto object = std::make_shared<OpenObject>();
    object->object = object_of(std::move(*row));
    object->owner = bucket.account;
    object->file = std::make_shared<const Fd>(std::move(*file));
    open_objects_.keep(found, object);
    return object;
  }
}

void Store::commit(NewContent content, const InTransaction& use) {
  content.make_durable();
  try {
    database_.write(use);
  } catch (const Error& error) {
    // A commit that fails half-way, in its sync for one, may turn out to be there after a restart.
    // A refusal and a full disk have certainly left no row.
    if (error.blame() != Blame::Customer && error.code().empty()) content.leave_to_recovery();
    throw;
  }
  content.keep();
}

void Store::publish(const Object& object, NewContent content, const WriteConditions& conditions,
                    const InTransaction& also) {
  std::vector<std::string> released;
  commit(std::move(content), [&](records::Connection& connection) {
    require_bucket(connection, object.bucket);
    records::ObjectTable objects(connection);
    const std::optional<records::ObjectRow> old = objects.find(object.bucket, object.key);
    check_write(conditions, old ? std::optional(old->etag) : std::nullopt);
    objects.put(row_of(object));
    if (old) {
      released = {old->content};
      release(connection, released);
    }
    if (also) also(connection);
  });
  open_objects_.forget(object.bucket, object.key);
  unlink(released);
}

void Store::release(records::Connection& connection, const std::vector<std::string>& contents) {
  records::UnreferencedContentTable table(connection);
  // Should this transaction fail, the names taken here are unlinked again at the next start, which
  // does no harm.
  const auto unlinked = unlinked_.with([](auto& names) { return std::exchange(names, {}); });
  for (const std::string& content : unlinked) table.erase(content);
  for (const std::string& content : contents) table.add(content);
}

void Store::unlink(const std::vector<std::string>& contents) {
  for (const std::string& content : contents) contents_.remove(content);
  unlinked_.with([&](auto& names) { names.insert(names.end(), contents.begin(), contents.end()); });
}

}  // namespace millrace::store
