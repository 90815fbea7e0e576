#include "trainer/vision/class_folders.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "core/base/error.h"
#include "core/io/file.h"

namespace millrace {
namespace {

class Folders : public testing::Test {
 protected:
  Folders() {
    char name[] = "/tmp/millrace-folders-XXXXXX";
    root_ = ::mkdtemp(name);
  }
  ~Folders() override { std::filesystem::remove_all(root_); }

  void add(const std::string& path) {
    std::filesystem::create_directories((root_ / path).parent_path());
    write_file_durably(root_ / path, "bytes of " + path);
  }

  std::filesystem::path root_;
};

TEST_F(Folders, AreClassesInByteOrderOfTheirNames) {
  for (const char* path :
       {"dog/a.PNG", "cat/deep/b.jpeg", "cat/a.jpg", "empty/readme.txt", "x.jpg"})
    add(path);
  const ClassFolders images(root_, {});
  EXPECT_EQ(images.class_names(), (std::vector<std::string>{"cat", "dog"}));
  ASSERT_EQ(images.count(), 3);
  std::string scratch;
  EXPECT_EQ(images.reference(0), "cat/a.jpg");
  EXPECT_EQ(images.reference(1), "cat/deep/b.jpeg");
  EXPECT_EQ(images.reference(2), "dog/a.PNG");
  EXPECT_EQ(images.label(1), 0);
  EXPECT_EQ(images.label(2), 1);
  EXPECT_EQ(images.image(2, scratch), "bytes of dog/a.PNG");
  EXPECT_EQ(images.bytes(), 18 + 24 + 18);
}

TEST_F(Folders, GivenNamesSayWhichClassAFolderIs) {
  add("dog/a.png");
  const ClassFolders images(root_, {"cat", "cow", "dog"});
  EXPECT_EQ(images.label(0), 2);
  EXPECT_THROW(ClassFolders(root_, {"cat", "dot"}), Error);
}

TEST_F(Folders, WithoutImagesAreRefused) {
  add("cat/readme.txt");
  EXPECT_THROW(ClassFolders(root_, {}), Error);
}

}  // namespace
}  // namespace millrace
