// The checkers are bound to the whole machine and armed: a bus that breaks a rule ends the simulation.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <functional>

#include "Vdut.h"
#include "tb/catch_compat.h"

namespace {

void tick(Vdut& dut) {
  dut.clk_i = 0;
  dut.eval();
  dut.clk_i = 1;
  dut.eval();
}

// How a process ends that resets the machine and then does `breach`; 0: well.
int outcome(const std::function<void(Vdut&)>& breach) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // the test runner's own handler is not for this
    if (freopen("/dev/null", "w", stdout) == nullptr ||
        freopen("/dev/null", "w", stderr) == nullptr)
      _exit(3);
    Vdut dut;
    dut.rst_ni = 0;
    for (int i = 0; i < 3; ++i) tick(dut);
    dut.rst_ni = 1;
    tick(dut);
    breach(dut);
    for (int i = 0; i < 3; ++i) tick(dut);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

TEST_CASE("bound checkers stop a simulation at a breach") {
  CHECK(outcome([](Vdut&) {}) == 0);
  CHECK(outcome([](Vdut& d) { d.m_axi_rvalid_i = 1; }) == SIGABRT);  // nobody asked
  CHECK(outcome([](Vdut& d) { d.m_axi_bvalid_i = 1; }) == SIGABRT);
  CHECK(outcome([](Vdut& d) {
          d.s_axil_awvalid_i = 1;  // falls before its W, and so before its ready
          tick(d);
          d.s_axil_awvalid_i = 0;
        }) == SIGABRT);
}

}  // namespace
