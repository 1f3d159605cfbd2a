// Only says where the module is: each version of sarama has a .mod file of its own.
module sarama-cases

go 1.26.0
