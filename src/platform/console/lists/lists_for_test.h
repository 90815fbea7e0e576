#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/io/byte_source.h"
#include "core/io/file.h"
#include "platform/console/lists/draft_api.h"
#include "platform/console/lists/list_versions.h"
#include "platform/console/lists/proposal_api.h"
#include "platform/records/file_systems.h"
#include "platform/records/temporary_database.h"
#include "platform/records/users.h"

namespace millrace::console {

/// For tests: a list in a file system, and people who work on it.
class ListFixture : public ::testing::Test {
 protected:
  static constexpr const char* kSystem = "fs-0123456789abcdef0";
  static constexpr const char* kAccount = "111122223333";

  ListFixture() {
    std::filesystem::create_directories(root());
    records_.database().write([&](records::Connection& transaction) {
      records::FileSystemTable(transaction)
          .insert({.id = kSystem, .type = "EFS", .path = root().string()});
      for (const char* user : {"ana", "bo"}) {
        records::UserTable(transaction)
            .insert({.account = kAccount, .name = user, .id = user, .created_at = now()});
      }
    });
  }

  [[nodiscard]] std::filesystem::path root() const { return records_.directory() / "pictures"; }
  [[nodiscard]] static std::string place(const std::string& name) {
    return std::string(kSystem) + ":/" + name;
  }
  void put(const std::string& name, const std::string& text) const {
    write_file_durably(root() / name, text);
  }
  [[nodiscard]] std::string text_of(const std::string& name) const {
    return read_file(root() / name);
  }

  /// A request of somebody's, whose body and paths are given.
  struct Asked {
    explicit Asked(std::string user, std::vector<std::string> parts = {},
                   Json document = Json::object())
        : body(to_text(document)),
          source(body),
          request{.method = "POST",
                  .path = "/",
                  .query = {},
                  .headers = {},
                  .content_length = body.size(),
                  .peer = "127.0.0.1:1",
                  .body = &source},
          call{.request = request,
               .caller = {.account = kAccount,
                          .access_key = "AKIA1",
                          .arn = "arn",
                          .region = "us-east-1",
                          .job = {},
                          .user = std::move(user)},
               .session = "s",
               .query = aws::Parameters(""),
               .parts = std::move(parts)} {}
    Asked(const Asked&) = delete;
    Asked& operator=(const Asked&) = delete;
    std::string body;
    MemorySource source;
    http::Request request;
    Call call;
  };

  static Json answer(const http::Response& response) {
    return parse_json(std::get<std::string>(response.body), "answer");
  }

  records::TemporaryDatabase records_;
  aws::Dispatch dispatch_{{.keys = [](std::string_view) { return std::nullopt; }}};
  catalog::FileSystems file_systems_{records_.database(), records_.directory() / "data"};
  bool writable_ = true;
  bool readable_ = true;
  UserFiles files_{dispatch_, file_systems_, [this](Call&, const std::string& action, const auto&) {
                     if (action == "millrace:WriteFileSystem" ? !writable_ : !readable_)
                       throw Error(Blame::Customer, "AccessDeniedException", "no");
                   }};
  ListContents contents_{records_.directory() / "lists"};
  ListVersions versions_{records_.database(), files_, contents_,
                         [](const auto&, const auto&, const auto&) { return true; }};
  RowPages pages_;
  DraftApi drafts_{versions_, pages_};
  ProposalApi proposals_{versions_, drafts_};
};

}  // namespace millrace::console
