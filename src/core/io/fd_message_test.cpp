#include "core/io/fd_message.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <iterator>

namespace millrace {
namespace {

struct Pair {
  Pair() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    ours = Fd(ends[0]);
    theirs = Fd(ends[1]);
  }
  Fd ours;
  Fd theirs;
};

TEST(FdMessage, ADescriptorArrivesWithTheBytesAndIsAnotherOneForTheSameFile) {
  const Pair pair;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const Fd reader(ends[0]);
  Fd writer(ends[1]);
  ASSERT_TRUE(send_with_fd(pair.ours.get(), "c", writer.get()));
  std::array<char, 8> buffer;
  const auto message = receive_with_fd(pair.theirs.get(), buffer);
  ASSERT_TRUE(message && message->fd);
  EXPECT_EQ(message->length, 1U);
  EXPECT_EQ(buffer[0], 'c');
  EXPECT_NE(message->fd.get(), writer.get());
  EXPECT_NE(::fcntl(message->fd.get(), F_GETFD) & FD_CLOEXEC, 0) << "no program inherits it";
  writer.close();
  ASSERT_EQ(::write(message->fd.get(), "x", 1), 1);
  EXPECT_EQ(::read(reader.get(), buffer.data(), buffer.size()), 1);
}

TEST(FdMessage, BytesTravelWithoutADescriptorToo) {
  const Pair pair;
  ASSERT_TRUE(send_with_fd(pair.ours.get(), "reason", -1));
  std::array<char, 8> buffer;
  const auto message = receive_with_fd(pair.theirs.get(), buffer);
  ASSERT_TRUE(message);
  EXPECT_EQ(std::string_view(buffer.data(), message->length), "reason");
  EXPECT_FALSE(message->fd);
}

std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

TEST(FdMessage, OfSeveralDescriptorsThatAPeerSendsOneArrivesAndNoneIsLeftOpen) {
  const Pair pair;
  const std::array<int, 2> sent{pair.ours.get(), pair.theirs.get()};
  char byte = 'c';
  iovec content{.iov_base = &byte, .iov_len = 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof sent)> room{};
  msghdr message{};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof sent);
  std::memcpy(CMSG_DATA(header), sent.data(), sizeof sent);
  ASSERT_EQ(::sendmsg(pair.ours.get(), &message, 0), 1);
  const std::ptrdiff_t before = open_descriptors();
  {
    const auto received = receive_with_fd(pair.theirs.get(), {&byte, 1});
    ASSERT_TRUE(received && received->fd);
    EXPECT_EQ(open_descriptors(), before + 1);
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST(FdMessage, ThePeersEndIsAMessageOfNoBytesAndSendingToItFails) {
  Pair pair;
  pair.theirs.close();
  std::array<char, 8> buffer;
  const auto message = receive_with_fd(pair.ours.get(), buffer);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->length, 0U);
  EXPECT_FALSE(send_with_fd(pair.ours.get(), "c", -1));
  EXPECT_EQ(errno, EPIPE);
}

}  // namespace
}  // namespace millrace
