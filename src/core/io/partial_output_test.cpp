#include "core/io/partial_output.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/io/file.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

class Partial : public testing::Test {
 protected:
  Partial() {
    char name[] = "/tmp/millrace-partial-XXXXXX";
    root_ = ::mkdtemp(name);
  }
  ~Partial() override { fs::remove_all(root_); }

  void put(PartialOutput& output, const std::string& name) const {
    fs::create_directories(output.path());
    write_file_durably(output.path() / name, name);
  }

  fs::path root_;
};

TEST_F(Partial, OutputIsThereWhenItIsWholeAndNotBefore) {
  {
    PartialOutput output(root_ / "out");
    put(output, "a");
    EXPECT_FALSE(fs::exists(root_ / "out"));
    output.commit();
    EXPECT_EQ(read_file(root_ / "out" / "a"), "a");
  }
  EXPECT_FALSE(fs::exists(root_ / "out.partial"));
}

TEST_F(Partial, WithoutACommitNothingIsLeft) {
  {
    PartialOutput output(root_ / "out");
    put(output, "a");
  }
  EXPECT_TRUE(fs::is_empty(root_));
}

TEST_F(Partial, ASignalEndsTheProcessAndLeavesNothing) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_EXIT(
        {
          PartialOutput output(root_ / "out");
          put(output, "a");
          ::kill(::getpid(), signal);
          for (;;) ::pause();
        },
        testing::KilledBySignal(signal), "");
    EXPECT_TRUE(fs::is_empty(root_)) << signal;
  }
}

TEST_F(Partial, OneThatCanBeGoneOnWithStaysAndItsOwnerHasTheLastWord) {
  EXPECT_EXIT(
      {
        PartialOutput output(root_ / "out", [this] { write_file_durably(root_ / "saved", "yes"); });
        put(output, "a");
        ::kill(::getpid(), SIGTERM);
        for (;;) ::pause();
      },
      testing::KilledBySignal(SIGTERM), "");
  EXPECT_EQ(read_file(root_ / "saved"), "yes");
  EXPECT_EQ(read_file(root_ / "out.partial" / "a"), "a");
}

TEST_F(Partial, AFolderTakesThePlaceOfAnEarlierOneAsAWhole) {
  for (const char* name : {"first", "second"}) {
    PartialOutput output(root_ / "out");
    put(output, name);
    output.replace();
  }
  EXPECT_EQ(read_file(root_ / "out" / "second"), "second");
  EXPECT_FALSE(fs::exists(root_ / "out" / "first"));
  EXPECT_FALSE(fs::exists(root_ / "out.partial"));
}

}  // namespace
}  // namespace millrace
