#include "core/io/spawn.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/fd.h"
#include "core/io/file.h"

namespace millrace {
namespace {

class SpawnTest : public testing::Test {
 protected:
  SpawnTest() {
    char name[] = "/tmp/millrace-spawn-XXXXXX";
    folder_ = ::mkdtemp(name);
    output_ = Fd(::open((folder_ / "output").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  }
  ~SpawnTest() override { std::filesystem::remove_all(folder_); }

  /// What the program writes, once it has ended well.
  std::string output_of(Spawn order) {
    order.output = output_.get();
    int status = 0;
    ::waitpid(spawn(order, Blame::Platform), &status, 0);
    EXPECT_EQ(status, 0);
    return read_file(folder_ / "output");
  }

  std::filesystem::path folder_;
  Fd output_;
};

TEST_F(SpawnTest, AProgramGetsItsArgumentsEnvironmentAndDirectory) {
  EXPECT_EQ(
      output_of(
          {.command =
               {"sh", "-c",
                "echo $0 $1; /usr/bin/env | grep -v ^PWD= | grep -v ^_= | grep -v ^SHLVL=; pwd",
                "a b", "c"},
           .environment = {{{"KEY", "value=1"}}},
           .directory = folder_}),
      "a b c\nKEY=value=1\n" + folder_.string() + "\n");
}

TEST_F(SpawnTest, ADetachedProgramHasNoInputNoOtherDescriptorsAndASessionOfItsOwn) {
  const Fd leaked(::open("/dev/null", O_RDONLY));  // not close-on-exec
  const std::string text =
      output_of({.command = {"sh", "-c",
                             "readlink /proc/self/fd/0; test -e /proc/self/fd/" +
                                 std::to_string(leaked.get()) +
                                 " || echo closed; cut -d' ' -f6 /proc/self/stat; echo $$"},
                 .detached = true});
  EXPECT_TRUE(text.starts_with("/dev/null\nclosed\n")) << text;
  const std::string numbers = text.substr(std::string("/dev/null\nclosed\n").size());
  const std::string session = numbers.substr(0, numbers.find('\n'));
  EXPECT_EQ(numbers, session + "\n" + session + "\n");
}

TEST_F(SpawnTest, SignalsAreBlockedAndIgnoredAsOrdered) {
  sigset_t blocked, defaults;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  const std::string text = output_of({.command = {"grep", "Sig[BI]", "/proc/self/status"},
                                      .blocked = blocked,
                                      .defaults = defaults});
  ::signal(SIGPIPE, before);
  EXPECT_NE(text.find("SigBlk:\t0000000000000200"), std::string::npos) << text;
  EXPECT_EQ(text.find("SigIgn:\t0000000000001000"), std::string::npos) << text;
}

TEST_F(SpawnTest, AProgramThatIsNotThereIsNamed) {
  try {
    spawn({.command = {"/no/such/program"}}, Blame::Customer);
    FAIL() << "started";
  } catch (const Error& error) {
    EXPECT_EQ(error.blame(), Blame::Customer);
    EXPECT_STREQ(error.what(), "cannot run /no/such/program: No such file or directory");
  }
}

}  // namespace
}  // namespace millrace
