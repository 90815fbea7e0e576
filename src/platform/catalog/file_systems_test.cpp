#include "platform/catalog/file_systems.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"
#include "platform/records/temporary_database.h"

namespace millrace::catalog {
namespace {

using ::testing::HasSubstr;
namespace control = wire::control;

class FileSystemsTest : public ::testing::Test {
 protected:
  FileSystemsTest() { std::filesystem::create_directory(path_); }

  /// The Error of a registration; empty when it was accepted.
  std::string told(control::RegisterFileSystemRequest request) {
    if (request.file_system_type.empty()) request.file_system_type = "FSxLustre";
    if (request.path.empty()) request.path = path_;
    try {
      made_ = file_systems_.register_file_system(request, operator_).file_system;
      return {};
    } catch (const Error& error) {
      return error.code() + ": " + error.what();
    }
  }

  records::TemporaryDatabase records_;
  records::TemporaryDatabase elsewhere_;
  const std::filesystem::path path_ = elsewhere_.directory() / "shared";
  FileSystems file_systems_{records_.database(), records_.directory()};
  aws::Caller operator_{.account = "111122223333", .arn = "arn:operator"};
  control::RegisteredFileSystem made_;
};

TEST_F(FileSystemsTest, AnIdIsMadeUpWhereNoneIsGiven) {
  EXPECT_EQ(told({}), "");
  EXPECT_THAT(made_.file_system_id, ::testing::MatchesRegex("fs-[0-9a-f]+"));
  EXPECT_EQ(made_.file_system_id.size(), 20U);
  EXPECT_EQ(made_.mount_name, "fsx");
  EXPECT_EQ(made_.path, path_.string());
}

TEST_F(FileSystemsTest, AnIdIsTakenOnce) {
  EXPECT_EQ(told({.file_system_id = "fs-01234567"}), "");
  EXPECT_EQ(told({.file_system_id = "fs-01234567"}),
            "ResourceInUse: FileSystemId: 'fs-01234567' is registered already. Choose another id, "
            "or remove that file system first.");
}

TEST_F(FileSystemsTest, ThePathIsADirectoryThatIsNotTheDaemons) {
  for (const std::filesystem::path& path :
       {std::filesystem::path("/"), records_.directory(), records_.directory() / ".",
        records_.directory().parent_path()})
    EXPECT_THAT(told({.path = path.string()}), HasSubstr("the daemon's data directory")) << path;
  std::filesystem::create_directory(records_.directory() / "objects");
  std::filesystem::create_directory_symlink(records_.directory() / "objects",
                                            elsewhere_.directory() / "link");
  EXPECT_THAT(told({.path = elsewhere_.directory() / "link"}),
              HasSubstr("the daemon's data directory"));
  for (const char* missing : {"/no/such/directory", "/etc/passwd"})
    EXPECT_THAT(told({.path = missing}), HasSubstr("expected an existing directory")) << missing;
}

TEST_F(FileSystemsTest, OnlyFSxLustreIsLinkedAndHasAMountName) {
  EXPECT_THAT(told({.file_system_type = "EFS", .linked_s3_uri = "s3://b/p"}),
              HasSubstr("only FSxLustre file systems are linked to a bucket"));
  EXPECT_THAT(told({.file_system_type = "EFS", .mount_name = "m"}),
              HasSubstr("only FSxLustre file systems have one"));
  EXPECT_THAT(told({.linked_s3_uri = "https://b/p"}), HasSubstr("s3://bucket/prefix"));
  EXPECT_THAT(told({.linked_s3_uri = "s3:///p"}), HasSubstr("s3://bucket/prefix"));
  EXPECT_EQ(told({.linked_s3_uri = "s3://b/p", .mount_name = "m"}), "");
  EXPECT_EQ(made_.linked_s3_uri, "s3://b/p");
  EXPECT_EQ(told({.file_system_type = "EFS"}), "");
  EXPECT_FALSE(made_.mount_name);
  EXPECT_EQ(file_systems_.list_file_systems({}, operator_).file_systems.size(), 2U);
}

TEST_F(FileSystemsTest, AJobsKeysReachNone) {
  operator_.job = "job";
  EXPECT_THAT(told({}), HasSubstr("AccessDeniedException"));
  for (const std::function<void()>& call : std::vector<std::function<void()>>{
           [&] { file_systems_.list_file_systems({}, operator_); },
           [&] {
             file_systems_.describe_file_system({.file_system_id = "fs-01234567"}, operator_);
           },
           [&] {
             file_systems_.deregister_file_system({.file_system_id = "fs-01234567"}, operator_);
           }}) {
    EXPECT_THROW(call(), Error);
  }
}

TEST(PlaceIn, IsBehindTheMountNameOfAnFSxFileSystem) {
  records::FileSystemRow row{.id = "fs-1", .type = "EFS", .path = "/srv/x"};
  EXPECT_EQ(place_in(row, "/", "w").host_path, "/srv/x");
  EXPECT_EQ(place_in(row, "//a/./b/", "w").host_path, "/srv/x/a/b");
  row.mount_name = "m";
  EXPECT_EQ(place_in(row, "/m", "w").host_path, "/srv/x");
  const FileSystemPlace place = place_in(row, "/m/a/b", "w");
  EXPECT_EQ(place.host_path, "/srv/x/a/b");
  EXPECT_EQ(place.relative, "a/b");
}

}  // namespace
}  // namespace millrace::catalog
