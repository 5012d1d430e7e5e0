// Counting semaphores, and who may take and raise them in a cycle.
//
// Contract
//   take_valid_i[e]: engine e wants all its slots at once (a slot is {count, semaphore}; count 0: unused;
//   slots that name the same semaphore add up). take_grant_o[e], in the same cycle, to the lowest engine
//   for which all are there. raise_valid_i[e]: likewise, granted to the lowest engine whose raises
//   keep every counter at or below SEMAPHORE_MAX; the others wait. One take and one raise a cycle.
//   All counters are zero after clear_i.
module weft_semaphores
  import weft_isa_pkg::*;
(
  input  logic                               clk_i,
  input  logic                               rst_ni,
  input  logic                               clear_i,
  input  logic [NUM_ENGINES-1:0]             take_valid_i,
  output logic [NUM_ENGINES-1:0]             take_grant_o,
  input  logic [NUM_ENGINES-1:0][3:0][7:0]   take_i,
  input  logic [NUM_ENGINES-1:0]             raise_valid_i,
  output logic [NUM_ENGINES-1:0]             raise_grant_o,
  input  logic [NUM_ENGINES-1:0][3:0][7:0]   raise_i
);

  typedef logic [7:0]      count_t;
  typedef logic [3:0][7:0] slots_t;

  count_t count_q [NUM_SEMAPHORES];

  // What the slots up to and including `last` ask of the semaphore of `last`.
  function automatic logic [4:0] asked(slots_t slots, int unsigned last);
    logic [4:0] sum;
    sum = '0;
    for (int unsigned s = 0; s < 4; s++) begin
      if (s <= last && slots[s][4:0] == slots[last][4:0]) sum += 5'(slots[s][7:5]);
    end
    return sum;
  endfunction

  logic [NUM_ENGINES-1:0] can_take, can_raise;
  slots_t                 take, raise;

  always_comb begin
    can_take  = '0;
    can_raise = '0;
    for (int unsigned e = 0; e < NUM_ENGINES; e++) begin
      if (take_valid_i[e]) begin
        can_take[e] = 1'b1;
        for (int unsigned s = 0; s < 4; s++) begin
          if (count_q[take_i[e][s][4:0]] < 8'(asked(take_i[e], s))) can_take[e] = 1'b0;
        end
      end
      if (raise_valid_i[e]) begin
        can_raise[e] = 1'b1;
        for (int unsigned s = 0; s < 4; s++) begin
          if (9'(count_q[raise_i[e][s][4:0]]) + 9'(asked(raise_i[e], s)) > 9'(SEMAPHORE_MAX)) begin
            can_raise[e] = 1'b0;
          end
        end
      end
    end
    take_grant_o  = can_take & (~can_take + 1'b1);
    raise_grant_o = can_raise & (~can_raise + 1'b1);
    take          = '0;
    raise         = '0;
    for (int unsigned e = 0; e < NUM_ENGINES; e++) begin
      if (take_grant_o[e])  take  = take_i[e];
      if (raise_grant_o[e]) raise = raise_i[e];
    end
  end

  // All at once: of elements that each have a condition, a simulation asks every one in every cycle.
  always_ff @(posedge clk_i) begin
    count_t count_d [NUM_SEMAPHORES];
    if (!rst_ni || clear_i) begin
      count_q <= '{default: '0};
    end else if (|take_grant_o || |raise_grant_o) begin
      for (int unsigned i = 0; i < NUM_SEMAPHORES; i++) begin
        count_d[i] = count_q[i] + change(raise, i) - change(take, i);
      end
      count_q <= count_d;
    end
  end

  // What all slots together say of semaphore `index`.
  function automatic count_t change(slots_t slots, int unsigned index);
    count_t sum;
    sum = '0;
    for (int unsigned s = 0; s < 4; s++) begin
      if (32'(slots[s][4:0]) == index) sum += 8'(slots[s][7:5]);
    end
    return sum;
  endfunction

endmodule
