module compat/cases

go 1.18
