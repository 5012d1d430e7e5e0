"""Compiles a SystemRDL file and holds its registers against configs/registers.yaml.

usage: check_rdl.py FILE.rdl REGISTERS.yaml     exit status: 0 they agree, 1 they do not
"""
import sys

import yaml
from systemrdl import RDLCompileError, RDLCompiler

ACCESS = {"r": "ro", "rw": "rw", "w": "wo"}


def of_rdl(path):
    """name -> (offset, bits, access bits, fields {name: (low, bits, access, reset)})"""
    compiler = RDLCompiler()
    compiler.compile_file(path)
    registers = {}
    for register in compiler.elaborate().top.registers():
        fields = {}
        for field in register.fields():
            clears = field.get_property("onwrite")
            access = "w1c" if clears and clears.name == "woclr" else ACCESS[field.get_property("sw").name]
            if field.get_property("singlepulse"):
                access = "pulse"
            fields[field.inst_name] = (field.low, field.width, access, field.get_property("reset"))
        registers[register.inst_name] = (register.absolute_address, register.get_property("regwidth"),
                                         register.get_property("accesswidth"), fields)
    return registers


def of_yaml(path):
    with open(path, encoding="utf-8") as file:
        facts = yaml.safe_load(file)
    registers = {}
    for register in facts["registers"]:
        access = register["access"]
        reset = register.get("reset", None if access == "ro" else 0)
        zeros = register.get("zero_bits", 0)
        fields = {}
        for field in register.get("fields") or [{"name": "value", "bit": zeros, "bits": 32 - zeros}]:
            low, bits = field["bit"], field["bits"]
            value = None if reset is None else reset >> low & (1 << bits) - 1
            fields[field["name"]] = (low, bits, field.get("access", access), value)
        registers[register["name"]] = (register["offset"], 32, 32, fields)
    for number, counter in enumerate(facts["counters"]["list"]):
        offset = facts["counters"]["base"] + 8 * number
        registers["counter_" + counter["name"]] = (offset, 64, 32, {"value": (0, 64, "ro", None)})
    return registers


def main(rdl_path, yaml_path):
    try:
        got = of_rdl(rdl_path)
    except RDLCompileError as error:
        print(f"FAIL  {rdl_path} does not compile: {error}")
        return 1
    expected = of_yaml(yaml_path)
    wrong = [name for name in {**expected, **got} if got.get(name) != expected.get(name)]
    for name in wrong:
        print(f"FAIL  {name}: {got.get(name, 'is not there')}; registers.yaml: "
              f"{expected.get(name, 'it has none')}")
    if wrong or not got:
        return 1
    fields = sum(len(register[3]) for register in got.values())
    print(f"PASS  {len(got)} registers with {fields} fields are those of registers.yaml")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
