#include "platform/runner/sandbox/sandbox.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <iostream>
#include <thread>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/io/file.h"
#include "platform/runner/sandbox/cgroup_interface.h"

namespace millrace::runner {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

constexpr uid_t kNobody = 65534;

enum class User { Root, Ordinary };

/// Every claim is made for root and for an ordinary user. Started as root, the ordinary case runs
/// in a child process that has become nobody; started as an ordinary user, only that case runs.
class SandboxTest : public testing::TestWithParam<User> {
 protected:
  SandboxTest() {
    for (const char* part :
         {"writable/model", "writable/input", "readonly/input/data", "scratch"}) {
      fs::create_directories(root_ / part);
    }
    if (::getuid() == 0 && GetParam() == User::Ordinary) give_to_nobody();
    order_.environment = {{"PATH", "/usr/bin:/bin"}, {"HOME", "/tmp"}};
    order_.host = "algo-1";
    order_.hosts = {"algo-1"};
    order_.writable = root_ / "writable";
    order_.input = root_ / "readonly" / "input";
    order_.scratch = root_ / "scratch";
    order_.group_name = "millrace-" + std::to_string(::getpid()) + "-" + random_hex(6);
  }
  ~SandboxTest() override { fs::remove_all(root_); }

  void SetUp() override {
    if (::getuid() != 0 && GetParam() == User::Root) GTEST_SKIP() << "needs root";
  }

  void claim(const std::function<void()>& body) {
    if (::getuid() != 0 || GetParam() == User::Root) return body();
    const pid_t child = ::fork();
    if (child == 0) {
      if (::setgroups(0, nullptr) != 0 || ::setresgid(kNobody, kNobody, kNobody) != 0 ||
          ::setresuid(kNobody, kNobody, kNobody) != 0) {
        ::_exit(3);
      }
      ::prctl(PR_SET_DUMPABLE, 1);
      try {
        body();
      } catch (const std::exception& error) {
        std::cout << "threw: " << error.what() << std::endl;
        ::_exit(2);
      }
      std::cout.flush();
      ::_exit(HasFailure() ? 1 : 0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0) << "failed as an ordinary user";
  }

  std::unique_ptr<Program> start(const std::string& script) {
    order_.command = {"sh", "-c", script};
    auto started = start_sandboxed(order_);
    if (const auto* refusal = std::get_if<SandboxRefusal>(&started))
      throw Error(Blame::Platform, refusal->reason);
    return std::move(std::get<std::unique_ptr<Program>>(started));
  }

  struct Ran {
    std::string output;
    Exit exit;
  };
  Ran run(const std::string& script) {
    const std::unique_ptr<Program> program = start(script);
    FdSource source(program->take_output());
    Ran ran;
    ran.output = read_all(source, 1 << 20, "the program's output");
    ran.exit = program->wait();
    return ran;
  }

  fs::path root_ = fs::temp_directory_path() / ("sandbox_test_" + random_hex(6));
  SandboxOrder order_;

 private:
  void give_to_nobody() {
    ASSERT_EQ(::chown(root_.c_str(), kNobody, kNobody), 0);
    for (const auto& entry : fs::recursive_directory_iterator(root_)) {
      ASSERT_EQ(::chown(entry.path().c_str(), kNobody, kNobody), 0);
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Users, SandboxTest, testing::Values(User::Root, User::Ordinary),
                         [](const auto& tested) {
                           return tested.param == User::Root ? "Root" : "Ordinary";
                         });

TEST_P(SandboxTest, TheProgramHasNoCapabilitiesAndCannotGainAny) {
  claim([&] {
    const Ran ran = run(
        "grep -E '^(CapEff|CapPrm|CapBnd|CapInh|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status");
    EXPECT_EQ(
        ran.output,
        "CapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"
        "CapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n");
    EXPECT_EQ(ran.exit.code, 0);
  });
}

TEST_P(SandboxTest, TheProgramIsTheFirstProcessAndInheritsNoDescriptor) {
  claim([&] {
    // Asked without a pipeline, whose pipe the shell may still hold.
    EXPECT_EQ(run("echo $$; for n in $(seq 0 63); do [ ! -e /proc/$$/fd/$n ] || printf '%s ' $n; "
                  "done")
                  .output,
              "1\n0 1 2 ");
  });
}

TEST_P(SandboxTest, TheEnvironmentIsExactlyTheOrders) {
  claim([&] {
    order_.environment["WITH"] = "a=b \"c\"\nd";
    EXPECT_EQ(run("env | sort").output,
              "HOME=/tmp\nPATH=/usr/bin:/bin\nPWD=/opt/ml\nWITH=a=b \"c\"\nd\n");
  });
}

TEST_P(SandboxTest, NoWordCanCarryFurtherOptions) {
  claim([&] {
    const std::string evil("a\0--bind\0/\0/mnt", 16);
    const auto told = [&](const SandboxOrder& order) -> std::string {
      try {
        start_sandboxed(order);
      } catch (const Error& error) {
        EXPECT_EQ(error.blame(), Blame::Customer);
        return error.what();
      }
      return "started";
    };
    order_.command = {"true"};
    SandboxOrder variable = order_;
    variable.environment["WITH"] = evil;
    EXPECT_THAT(told(variable), HasSubstr("the environment variable 'WITH' contains a NUL byte"));
    SandboxOrder argument = order_;
    argument.command.push_back(evil);
    EXPECT_THAT(told(argument), HasSubstr("argument 1 of the program contains a NUL byte"));
    SandboxOrder bind = order_;
    bind.binds = {{.source = evil, .target = "/mnt"}};
    EXPECT_THAT(told(bind), HasSubstr("contains a NUL byte"));
  });
}

TEST_P(SandboxTest, OfTheMachinesTlsFilesOnlyThePublicOnesAreVisible) {
  claim([&] { EXPECT_EQ(run("ls -A /etc/ssl | grep -vx -e certs -e openssl.cnf").output, ""); });
}

TEST_P(SandboxTest, InputIsReadOnlyAndTheRestOfOptMlIsNot) {
  claim([&] {
    write_file_durably(root_ / "readonly/input/data/a", "data");
    const Ran ran =
        run("cat /opt/ml/input/data/a; echo x > /opt/ml/input/data/a; echo x > /opt/ml/input/new; "
            "echo model > /opt/ml/model/m && echo t > /tmp/t && echo s > /dev/shm/s && echo fine; "
            "touch /usr/x /x /etc/x; ln /opt/ml/input/data/a /opt/ml/model/alias; mv /opt/ml/input "
            "/opt/ml/i");
    EXPECT_THAT(ran.output, HasSubstr("data"));
    EXPECT_THAT(ran.output, HasSubstr("cannot create /opt/ml/input/data/a: Read-only file system"));
    EXPECT_THAT(ran.output, HasSubstr("cannot create /opt/ml/input/new: Read-only file system"));
    EXPECT_THAT(ran.output, HasSubstr("fine"));
    EXPECT_THAT(ran.output, HasSubstr("touch: cannot touch '/usr/x'"));
    EXPECT_THAT(ran.output, HasSubstr("touch: cannot touch '/x'"));
    EXPECT_THAT(ran.output, HasSubstr("touch: cannot touch '/etc/x'"));
    EXPECT_THAT(ran.output, HasSubstr("Invalid cross-device link"));
    EXPECT_THAT(ran.output, HasSubstr("mv: cannot move '/opt/ml/input'"));
    EXPECT_EQ(read_file(root_ / "readonly/input/data/a"), "data");
    EXPECT_EQ(read_file(root_ / "writable/model/m"), "model\n");
    EXPECT_EQ(read_file(root_ / "scratch/t"), "t\n");
  });
}

TEST_P(SandboxTest, NothingElseOfTheMachineIsVisible) {
  claim([&] {
    EXPECT_EQ(run("ls / | tr '\\n' ' '; ls /etc | tr '\\n' ' '; ls /tmp /run; ls /proc | grep -c "
                  "'^[0-9]'")
                  .output,
              "bin dev etc lib " + std::string(fs::exists("/lib32") ? "lib32 " : "") + "lib64 " +
                  std::string(fs::exists("/libx32") ? "libx32 " : "") +
                  "opt proc run sbin tmp usr alternatives group hosts ld.so.cache nsswitch.conf "
                  "passwd resolv.conf "
                  "ssl /run:\n\n/tmp:\n3\n");
  });
}

TEST_P(SandboxTest, WithoutNetworkThereIsOnlyLoopback) {
  claim([&] {
    order_.network = false;
    EXPECT_EQ(run("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '; ls /etc/resolv.conf 2>&1 | "
                  "grep -c cannot")
                  .output,
              "lo\n1\n");
  });
}

TEST_P(SandboxTest, ProgramsMayShareANetworkThatIsNeitherTheMachinesNorThatOfOthers) {
  claim([&] {
    order_.network = false;
    NetworkNamespace inside;
    order_.prepare = [&](pid_t member) { inside = namespace_of(member); };
    const std::unique_ptr<Program> first = start("sleep 60");
    order_.prepare = nullptr;
    order_.group_name += "-2";
    const std::string show = "readlink /proc/self/ns/net";
    const std::string other = run(show).output;
    order_.shared = &inside;
    const std::string same = run(show).output;
    EXPECT_EQ(same, run(show).output);
    EXPECT_NE(same, other);
    EXPECT_NE(same, fs::read_symlink("/proc/self/ns/net").string() + "\n");
    // As alone in a network: no rights over it, and nothing outlives this process.
    EXPECT_EQ(run("grep CapEff /proc/self/status; cat /proc/net/dev | tail -n +3 | cut -d: -f1 | "
                  "tr -d ' '")
                  .output,
              "CapEff:\t0000000000000000\nlo\n");
  });
}

TEST_P(SandboxTest, ANameThatIsNotKnownFailsAtOnceWithoutNetwork) {
  claim([&] {
    order_.network = false;
    EXPECT_EQ(run("getent hosts nowhere.example; echo $?").output, "2\n");
  });
}

TEST_P(SandboxTest, EveryHostNameResolves) {
  claim([&] {
    for (const bool network : {true, false}) {
      order_.network = network;
      EXPECT_EQ(run("uname -n; getent hosts algo-1 | cut -d' ' -f1; id -un").output,
                std::string("algo-1\n127.0.0.1\n") + (::getuid() == 0 ? "root\n" : "job\n"));
    }
  });
}

TEST_P(SandboxTest, AHostWithAnAddressOfItsOwnResolvesToIt) {
  claim([&] {
    order_.hosts = {"algo-1", "algo-2"};
    order_.addresses = {{"algo-1", "127.9.8.1"}, {"algo-2", "127.9.8.2"}};
    EXPECT_EQ(run("getent hosts algo-1 algo-2 | cut -d' ' -f1").output, "127.9.8.1\n127.9.8.2\n");
  });
}

TEST_P(SandboxTest, CallsThatReachIntoTheKernelAreRefused) {
  claim([&] {
    const Ran ran =
        run("unshare -U true; unshare -r true; mount -t tmpfs x /tmp; nsenter -t 1 -p true; "
            "/usr/bin/python3 -c 'import threading; t = threading.Thread(target=print, "
            "args=(\"thread\",)); t.start(); t.join()'");
    EXPECT_THAT(ran.output, HasSubstr("unshare: unshare failed: Operation not permitted"));
    EXPECT_THAT(ran.output, HasSubstr("mount: /tmp: "));
    EXPECT_THAT(ran.output, HasSubstr("thread"));
  });
}

TEST_P(SandboxTest, CloneCannotMakeAUserNamespace) {
  claim([&] {
    // clone(CLONE_NEWUSER | SIGCHLD) by number, since the C library has no wrapper Python could
    // call; 56 is x86-64's.
    EXPECT_EQ(run("/usr/bin/python3 -c 'import ctypes; l = ctypes.CDLL(None, use_errno=True); "
                  "print(l.syscall(56, 0x10000011, 0, 0, 0, 0), ctypes.get_errno())'")
                  .output,
              "-1 1\n");
  });
}

TEST_P(SandboxTest, ExitCodesAndSignalsComeThrough) {
  claim([&] {
    EXPECT_EQ(run("exit 0").exit.code, 0);
    EXPECT_EQ(run("exit 3").exit.code, 3);
    const std::unique_ptr<Program> program = start("sleep 60");
    program->kill();
    EXPECT_EQ(program->wait().code, 137);
  });
}

TEST_P(SandboxTest, AMissingProgramIsTheCustomersAndNamed) {
  claim([&] {
    const auto failure_of = [&](const std::string& name) -> std::string {
      order_.command = {name, "train"};
      try {
        start_sandboxed(order_);
      } catch (const Error& error) {
        EXPECT_EQ(error.blame(), Blame::Customer);
        return error.what();
      }
      return "no error";
    };
    EXPECT_THAT(
        failure_of("no-such-program"),
        HasSubstr("the program 'no-such-program' cannot be executed: No such file or directory"));
    write_file_durably(root_ / "writable/model/plain", "no program", 0644);
    EXPECT_THAT(
        failure_of("/opt/ml/model/plain"),
        HasSubstr("the program '/opt/ml/model/plain' cannot be executed: Permission denied"));
  });
}

TEST_P(SandboxTest, ABindThatDoesNotExistIsNamed) {
  claim([&] {
    order_.binds = {{.source = "/no/such/folder", .target = "/no/such/folder"}};
    try {
      start("true");
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.blame(), Blame::Platform);
      EXPECT_THAT(
          error.what(),
          HasSubstr("setting up the sandbox: bwrap: Can't find source path /no/such/folder"));
    }
  });
}

TEST_P(SandboxTest, SigtermReachesTheProgramAndOnlyTheProgram) {
  claim([&] {
    const std::unique_ptr<Program> program = start(
        "sh -c 'trap \"echo child heard\" TERM; while :; do sleep 0.05; done' & "
        "trap 'echo program heard; exit 5' TERM; echo ready; while :; do sleep 0.05; done");
    FdSource source(program->take_output());
    char ready[6];
    ASSERT_EQ(read_full(source, ready), 6U);
    program->terminate();
    EXPECT_EQ(read_all(source, 1 << 16, "output"), "program heard\n");
    EXPECT_EQ(program->wait().code, 5);
  });
}

TEST_P(SandboxTest, AProgramThatIgnoresSigtermIsKilledWithItsChildren) {
  claim([&] {
    const std::unique_ptr<Program> program = start("sleep 1000 & sleep 1001");
    program->terminate();
    EXPECT_FALSE(program->ended(milliseconds(100), -1));
    program->kill();
    EXPECT_EQ(program->wait().code, 137);
    // End of file: nobody holds the pipe any more.
    FdSource source(program->take_output());
    EXPECT_EQ(read_all(source, 1 << 16, "output"), "");
  });
}

TEST_P(SandboxTest, NothingSurvivesASupervisorThatIsKilled) {
  claim([&] {
    const fs::path alive = root_ / "scratch" / "alive";
    ASSERT_EQ(::mkfifo(alive.c_str(), 0600), 0);
    const pid_t supervisor = ::fork();
    if (supervisor == 0) {
      const std::unique_ptr<Program> program =
          start("exec 3>/tmp/alive; trap '' TERM; sleep 1000 & sleep 1001");
      for (;;) ::pause();
    }
    // Opens when the program has opened its end, ends when no process of the sandbox holds that any
    // more.
    FdSource source(open_for_reading(alive));
    ::kill(supervisor, SIGKILL);
    ::waitpid(supervisor, nullptr, 0);
    EXPECT_EQ(read_all(source, 1, "the fifo"), "");
  });
}

TEST_P(SandboxTest, ReadOnlyBindsAppearAtTheSamePlace) {
  claim([&] {
    const fs::path extra = root_ / "extra";
    fs::create_directory(extra);
    write_file_durably(extra / "tool", "#!/bin/sh\necho tool\n", 0755);
    order_.binds = {{.source = extra, .target = extra}};
    EXPECT_EQ(run(extra.string() + "/tool; echo x > " + extra.string() + "/y || echo refused")
                  .output.substr(0, 5),
              "tool\n");
    EXPECT_FALSE(fs::exists(extra / "y"));
  });
}

class SandboxLimitsTest : public SandboxTest {
 protected:
  void SetUp() override {
    SandboxTest::SetUp();
    order_.limits = {.memory_bytes = 64 << 20, .processes = 32};
    if (!start("true")->unenforced().empty()) GTEST_SKIP() << "no writable control groups here";
  }
};

INSTANTIATE_TEST_SUITE_P(Users, SandboxLimitsTest, testing::Values(User::Root),
                         [](const auto&) { return "Root"; });

TEST_P(SandboxLimitsTest, TakingMoreMemoryThanTheLimitIsSeenAsOutOfMemory) {
  const Ran ran = run("exec /usr/bin/python3 -c 'b = bytearray(256 << 20); print(len(b))'");
  EXPECT_EQ(ran.exit.code, 137);
  EXPECT_TRUE(ran.exit.out_of_memory);
  EXPECT_THAT(ran.output, Not(HasSubstr("268435456")));
}

TEST_P(SandboxLimitsTest, AForkBombFailsInsteadOfSpreading) {
  const Ran ran = run("for i in $(seq 100); do sleep 5 & done; echo unreached");
  EXPECT_THAT(ran.output, HasSubstr("Cannot fork"));
  EXPECT_THAT(ran.output, Not(HasSubstr("unreached")));
  EXPECT_NE(ran.exit.code, 0);
}

TEST_P(SandboxLimitsTest, CpuTimeIsRationed) {
  order_.limits = {.cpus = 0.2};
  // One second of spinning at a fifth of a CPU: far from a whole second of CPU time, however busy
  // the machine is.
  const Ran ran =
      run("exec /usr/bin/python3 -c 'import time\ne = time.monotonic() + 1\nwhile time.monotonic() "
          "< e: pass\n"
          "print(time.process_time() < 0.6)'");
  EXPECT_EQ(ran.output, "True\n");
}

TEST_P(SandboxLimitsTest, NoGroupStaysBehindNotEvenOfAKilledSupervisor) {
  const pid_t gone = ::fork();
  if (gone == 0) ::_exit(0);
  ::waitpid(gone, nullptr, 0);
  const CgroupPosition position{.self_cgroup = read_file("/proc/self/cgroup"),
                                .mountinfo = read_file("/proc/self/mountinfo")};
  const auto version_1 = plan_v1(position, "pids", order_.limits);
  const fs::path parent =
      version_1 ? version_1->parent : plan_v2(position, "pids", order_.limits)->parent;
  const fs::path abandoned = parent / ("millrace-" + std::to_string(gone) + "-old-job");
  fs::create_directory(abandoned);
  run("true");
  EXPECT_FALSE(fs::exists(parent / order_.group_name));
  EXPECT_FALSE(fs::exists(abandoned));
}

TEST_P(SandboxTest, WithoutControllersTheJobRunsAndSaysSo) {
  claim([&] {
    if (::getuid() == 0) return;  // root can
    order_.limits = {.memory_bytes = 64 << 20};
    const std::unique_ptr<Program> program = start("exit 0");
    EXPECT_EQ(program->wait().code, 0);
    ASSERT_EQ(program->unenforced().size(), 1U);
    EXPECT_THAT(program->unenforced().front(),
                HasSubstr("the memory limit of 67 MB is not enforced: "));
  });
}

TEST(Unconfined, RunsInTheWritableTreeAndLeavesNoProcess) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const fs::path root = fs::temp_directory_path() / ("unconfined_test_" + random_hex(6));
  fs::create_directories(root);
  SandboxOrder order;
  order.command = {"sh", "-c", "echo $SAGEMAKER_BASE_DIR $PWD; setsid sleep 1000 & exit 4"};
  order.environment = {{"PATH", "/usr/bin:/bin"}};
  order.writable = root;
  order.group_name = "millrace-" + std::to_string(::getpid()) + "-" + random_hex(6);
  const std::unique_ptr<Program> program = start_unconfined(order);
  EXPECT_EQ(program->wait().code, 4);
  FdSource source(program->take_output());
  EXPECT_EQ(read_all(source, 1 << 16, "output"), root.string() + " " + root.string() + "\n");
  fs::remove_all(root);
}

constexpr const char* kBusybox = "/bin/busybox";

/// A root file system of nothing but busybox, which is one static program.
class ImageRootTest : public SandboxTest {
 protected:
  void SetUp() override {
    SandboxTest::SetUp();
    if (!fs::exists(kBusybox)) GTEST_SKIP() << "needs busybox-static";
  }
  void make_image() {
    for (const char* part : {"bin", "etc", "proc", "dev", "tmp", "run", "opt/ml", "work"})
      fs::create_directories(image_ / part);
    fs::copy_file(kBusybox, image_ / "bin/busybox");
    for (const char* name : {"sh", "id", "cat", "ls", "rm", "mkdir", "pwd", "grep"})
      fs::create_symlink("busybox", image_ / "bin" / name);
    for (const char* file : {"etc/hosts", "etc/resolv.conf"}) create_for_writing(image_ / file);
    order_.root = RootFileSystem{.image = image_,
                                 .changes = root_ / "changes",
                                 .working_directory = "/work",
                                 .user_id = 1000,
                                 .group_id = 7};
    order_.environment["PATH"] = "/bin";
  }

  const fs::path image_ = root_ / "image, with: odd \\ name";
};

INSTANTIATE_TEST_SUITE_P(Users, ImageRootTest, testing::Values(User::Root, User::Ordinary),
                         [](const auto& tested) {
                           return tested.param == User::Root ? "Root" : "Ordinary";
                         });

TEST_P(ImageRootTest, TheProgramSeesTheImageAndNothingOfThisMachine) {
  claim([&] {
    make_image();
    const Ran ran =
        run("pwd; id -u; id -g; ls /; ls /usr; grep algo-1 /etc/hosts; "
            "grep CapEff /proc/self/status");
    EXPECT_EQ(ran.output,
              "/work\n1000\n7\nbin\ndev\netc\nopt\nproc\nrun\ntmp\nwork\n"
              "ls: /usr: No such file or directory\n127.0.0.1 algo-1\n"
              "CapEff:\t0000000000000000\n");
  });
}

TEST_P(ImageRootTest, WhatItWritesGoesToALayerOfItsOwnAndIsGoneAtTheNextStart) {
  claim([&] {
    make_image();
    const Ran ran =
        run("echo changed > /bin/new; mkdir /deep; rm /bin/id; ls /bin/id; "
            "cat /bin/new");
    EXPECT_EQ(ran.output, "ls: /bin/id: No such file or directory\nchanged\n");
    EXPECT_TRUE(fs::exists(root_ / "changes/upper/deep"));
    EXPECT_TRUE(fs::exists(image_ / "bin/id"));
    EXPECT_FALSE(fs::exists(image_ / "bin/new"));
    EXPECT_EQ(run("ls -d /bin/new /deep").exit.code, 1);
    EXPECT_EQ(run("id -u").output, "1000\n");
  });
}

TEST_P(ImageRootTest, WhatAnEarlierStartLeftCannotLeadAMountOut) {
  claim([&] {
    make_image();
    fs::create_directory(root_ / "data");
    write_file_durably(root_ / "data/here", "");
    order_.binds = {{.source = root_ / "data", .target = "/new/place", .writable = true}};
    // What is mounted stays where it is, but a directory above it may get another name.
    EXPECT_EQ(run("busybox mv /new /gone && busybox ln -s ../../oldroot/tmp /new").output, "");
    EXPECT_TRUE(fs::is_symlink(root_ / "changes/upper/new"));
    EXPECT_EQ(run("ls /new/place; busybox test -L /new || echo no link").output, "here\nno link\n");
    EXPECT_FALSE(fs::exists(fs::temp_directory_path() / "place"));
  });
}

TEST_P(ImageRootTest, ABindGoesThroughNoLinkOfTheImage) {
  claim([&] {
    make_image();
    fs::create_symlink("../../oldroot", image_ / "out");
    fs::create_directory(root_ / "data");
    order_.binds = {{.source = root_ / "data", .target = "/new/place", .writable = true}};
    EXPECT_EQ(run("ls -d /new/place").output, "/new/place\n");
    for (const char* target : {"/out/place", "/out", "/bin/sh/place"}) {
      order_.binds.front().target = target;
      try {
        start("true");
        ADD_FAILURE() << target;
      } catch (const Error& error) {
        EXPECT_EQ(error.blame(), Blame::Customer);
        EXPECT_THAT(error.what(), HasSubstr("a link or a file of the image"));
      }
    }
  });
}

TEST_P(ImageRootTest, WhereNoLayerCanBeLaidOverItTheImageIsReadOnlyAndThatIsTold) {
  claim([&] {
    make_image();
    // The options of a mount are a page at most, so that the kernel refuses these.
    fs::path deep = root_;
    for (int i = 0; i < 10; ++i) deep /= std::string(200, 'd');
    fs::create_directories(deep);
    order_.root->changes = deep / "changes";
    const std::unique_ptr<Program> program = start(
        "for place in /bin /work /run /tmp /opt/ml /dev/shm; do "
        "echo x > $place/new && echo $place; done 2>/dev/null");
    FdSource source(program->take_output());
    EXPECT_EQ(read_all(source, 1 << 20, "the program's output"), "/run\n/tmp\n/opt/ml\n/dev/shm\n");
    EXPECT_THAT(program->unenforced(),
                testing::Contains(HasSubstr("the image's files are read-only but for /opt/ml")));
    program->wait();
  });
}

TEST_P(ImageRootTest, AProgramThatTheImageDoesNotHaveIsNamed) {
  claim([&] {
    make_image();
    order_.command = {"train"};
    try {
      start_sandboxed(order_);
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("the program 'train' cannot be executed: No such file or "
                                          "directory. Give a path that exists inside the "
                                          "container, or a name found in the PATH of its image."));
    }
  });
}

}  // namespace
}  // namespace millrace::runner
