//go:build v1.26.4

package main

import "github.com/IBM/sarama"

func transactions() {}

func more(sarama.ClusterAdmin) bool { return true }
