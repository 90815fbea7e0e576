#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/text.h"
#include "platform/aws/digest.h"
#include "platform/records/database.h"
#include "platform/store/store.h"

namespace millrace::store {

/// A request body that arrives in pieces, and may break off.
class MemoryPayload final : public aws::Payload {
 public:
  explicit MemoryPayload(std::string_view bytes) : rest_(bytes), length_(bytes.size()) {}

  std::size_t read(std::span<char> buffer) override {
    if (fails_at && rest_.size() <= length_ - *fails_at) {
      throw Error(Blame::Customer, "IncompleteBody",
                  "You did not provide the number of bytes specified");
    }
    const std::size_t count = std::min({buffer.size(), rest_.size(), piece});
    std::copy_n(rest_.data(), count, buffer.data());
    rest_.remove_prefix(count);
    return count;
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override {
    return tells_length ? std::optional<std::uint64_t>(length_) : std::nullopt;
  }
  [[nodiscard]] std::optional<aws::Checksum> checksum() const override { return sent; }

  std::size_t piece = 100'000;  ///< bytes per read
  bool tells_length = true;
  std::optional<std::size_t> fails_at;  ///< breaks off after as many bytes
  std::optional<aws::Checksum> sent;    ///< what the client sent and was verified

 private:
  std::string_view rest_;
  std::size_t length_;
};

/// A store on a directory of its own, and short ways to call it.
class StoreTest : public ::testing::Test {
 protected:
  StoreTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "store-test-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    open();
  }
  ~StoreTest() override {
    close();
    std::filesystem::remove_all(directory_);
  }

  /// As a start of the daemon.
  void open(Allowed allowed = {}) {
    close();
    database_ = std::make_unique<records::Database>(directory_ / "records.db");
    store_ = std::make_unique<Store>(*database_, directory_ / "objects", std::move(allowed));
  }

  void close() {
    store_.reset();
    database_.reset();
  }

  Store& store() { return *store_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  void make_bucket(const std::string& name = "bucket") {
    store().create_bucket({.bucket = name}, caller_);
  }

  wire::s3::PutObjectOutput put(const std::string& key, std::string_view bytes,
                                wire::s3::PutObjectRequest request = {}) {
    MemoryPayload payload(bytes);
    return put_payload(key, payload, std::move(request));
  }
  wire::s3::PutObjectOutput put_payload(const std::string& key, MemoryPayload& payload,
                                        wire::s3::PutObjectRequest request = {}) {
    request.bucket = request.bucket.empty() ? "bucket" : request.bucket;
    request.key = key;
    request.body = &payload;
    return store().put_object(request, caller_);
  }
  wire::s3::GetObjectOutput get(const std::string& key, wire::s3::GetObjectRequest request = {}) {
    request.bucket = request.bucket.empty() ? "bucket" : request.bucket;
    request.key = key;
    return store().get_object(request, caller_);
  }
  std::string bytes_of(const std::string& key, wire::s3::GetObjectRequest request = {}) {
    return bytes_in(get(key, std::move(request)));
  }
  static std::string bytes_in(const wire::s3::GetObjectOutput& output) {
    const auto& range = std::get<http::FileRange>(output.body);
    std::string bytes(range.length, '\0');
    EXPECT_EQ(
        ::pread(range.file->get(), bytes.data(), bytes.size(), static_cast<off_t>(range.offset)),
        static_cast<ssize_t>(bytes.size()));
    return bytes;
  }
  void erase(const std::string& key) {
    store().delete_object({.bucket = "bucket", .key = key}, caller_);
  }

  std::vector<std::string> keys(wire::s3::ListObjectsV2Request request = {}) {
    request.bucket = request.bucket.empty() ? "bucket" : request.bucket;
    const wire::s3::ListObjectsV2Output output = store().list_objects_v2(request, caller_);
    std::vector<std::string> found;
    if (output.contents) {
      for (const wire::s3::Object& object : *output.contents) found.push_back(*object.key);
    }
    return found;
  }

  /// The code of the Error that `action` throws, or "" when it throws none.
  template <class Action>
  static std::string code_of(Action&& action) {
    try {
      action();
      return {};
    } catch (const Error& error) {
      return error.code();
    }
  }

  /// Files that hold bytes of objects and parts, and those being made.
  [[nodiscard]] std::size_t content_files() const { return files(false); }
  [[nodiscard]] std::size_t temporary_files() const { return files(true); }

  static std::string hex_md5(std::string_view bytes) { return to_hex(aws::md5(bytes)); }

  aws::Caller caller_{.account = "000000000000",
                      .access_key = "AKIATEST",
                      .arn = "",
                      .region = "eu-test-1",
                      .job = ""};

 private:
  [[nodiscard]] std::size_t files(bool temporary) const {
    std::size_t count = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(directory_ / "objects")) {
      if (entry.is_regular_file() && (entry.path().parent_path().filename() == "tmp") == temporary)
        ++count;
    }
    return count;
  }

  std::filesystem::path directory_;
  std::unique_ptr<records::Database> database_;
  std::unique_ptr<Store> store_;
};

}  // namespace millrace::store
