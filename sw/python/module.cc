// The module weft._weft, which the package in weft/ shows as `weft`.
#include <pybind11/pybind11.h>

#include "python/bind.h"
#include "python/errors.h"
#include "runtime/devices.h"
#include "weft_gen/configs.h"

PYBIND11_MODULE(_weft, m) {
  using namespace weft::python;
  m.doc() = "The Weft accelerator's compiler, driver and simulated devices.";
  m.attr("__version__") = WEFT_VERSION;
  translate_errors();
  bind_program(m);
  bind_session(m);
  bind_device(m);
  bind_queue(m);
}
