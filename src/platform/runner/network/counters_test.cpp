#include "platform/runner/network/counters.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace millrace::runner {
namespace {

// As Linux 6.1 prints them, columns left out.
constexpr const char* kDev =
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop "
    "fifo colls carrier compressed\n"
    "    lo:     100       2    0    0    0     0          0         0      100       77    0    0 "
    "   "
    "0     0       0          0\n"
    "  eth0:     100       2    0    0    0     0          0         0      100       5    0    0  "
    "  "
    "0     0       0          0\n"
    " wlan0:     100       2    0    0    0     0          0         0      100       6    0    0  "
    "  "
    "0     0       0          0\n";
constexpr const char* kSnmp =
    "Ip: Forwarding DefaultTTL OutRequests OutDiscards OutNoRoutes ReasmTimeout\n"
    "Ip: 2 64 9 0 4 0\n"
    "Tcp: RtoAlgorithm OutNoRoutes\n"
    "Tcp: 1 99\n";
constexpr const char* kSnmp6 =
    "Ip6InNoRoutes                   \t8\nIp6OutNoRoutes                  \t3\n";

TEST(NetworkCounters, PacketsOfTheLoopbackInterfaceDoNotCountAndAttemptsOfBothFamiliesDo) {
  const NetworkCounters counters = parse_counters(kDev, kSnmp, kSnmp6);
  EXPECT_EQ(counters.packets_out, 11);
  EXPECT_EQ(counters.no_routes, 7);
}

TEST(NetworkCounters, WhatTheTextsLackCountsNothing) {
  const NetworkCounters counters = parse_counters("", "Ip: OutNoRoutes\n", "Ip6OutNoRoutes\n");
  EXPECT_EQ(counters.packets_out, 0);
  EXPECT_EQ(counters.no_routes, 0);
}

TEST(NetworkCounters, TheKernelsOwnTextsCanBeRead) {
  EXPECT_GE(read_counters(::getpid()).packets_out, 0);
}

}  // namespace
}  // namespace millrace::runner
