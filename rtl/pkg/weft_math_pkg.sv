// Widths and rounding of sizes, so that no module writes $clog2 arithmetic of its own.
package weft_math_pkg;

  // Bits that index n things (1 for n = 1, so that a degenerate index still exists).
  function automatic int unsigned idx_width(int unsigned n);
    return (n > 1) ? $clog2(n) : 1;
  endfunction

  // Bits that hold a count of 0 .. n.
  function automatic int unsigned cnt_width(int unsigned n);
    return $clog2(n + 1);
  endfunction

  function automatic int unsigned ceil_div(int unsigned a, int unsigned b);
    return (a + b - 1) / b;
  endfunction

  function automatic bit is_pow2(int unsigned n);
    return (n != 0) && ((n & (n - 1)) == 0);
  endfunction

endpackage
