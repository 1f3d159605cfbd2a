package orders

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Tests begin with a broker of their own. Where that is too slow, share one and post "/reset".
func withTopics(t *testing.T) *broker {
	b := start(t)
	b.post("/topics", object{"name": "orders", "partitions": 3})
	b.post("/topics", object{"name": "bills"})
	return b
}

func (b *broker) order(price int) {
	key, value := fmt.Sprintf("order-%d", price), fmt.Sprintf(`{"price": %d}`, price)
	b.post("/records", object{"topic": "orders", "key": key, "value": value})
}

func (b *broker) billAll(stopAfter int) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	soon := kgo.MetadataMinAge(100 * time.Millisecond) // Else it waits for 5 s after an error.
	must(b.t, BillAll(ctx, b.Servers, stopAfter, soon))
}

func TestEveryOrderIsBilled(t *testing.T) {
	b := withTopics(t)
	for price := range 3 {
		b.order(price)
	}
	b.billAll(3)
	bills := map[any]bool{}
	for _, bill := range b.get("/records?topic=bills") {
		bills[bill["value"]] = true
	}
	wanted := map[any]bool{`{"due":0}`: true, `{"due":1}`: true, `{"due":2}`: true}
	if !reflect.DeepEqual(bills, wanted) {
		t.Errorf("billed %v", bills)
	}
	b.post("/wait/group", object{"group": "billing", "state": "Empty"})
}

func TestALostAnswerMakesNoSecondBill(t *testing.T) {
	b := withTopics(t)
	b.order(7)
	b.post("/faults",
		object{"kind": "disconnect_after", "api": "Produce", "topic": "bills", "times": 1})
	b.billAll(1)
	if bills := b.get("/records?topic=bills"); len(bills) != 1 {
		t.Errorf("billed %v", bills)
	}
	if asked := b.get("/requests?api=Produce&topic=bills"); len(asked) != 2 {
		t.Errorf("%d requests", len(asked))
	}
}

func TestErrorsThatPassAreSurvived(t *testing.T) {
	for _, code := range []string{"NOT_LEADER_OR_FOLLOWER", "NOT_ENOUGH_REPLICAS"} {
		t.Run(code, func(t *testing.T) {
			b := withTopics(t)
			b.order(7)
			b.post("/faults", object{
				"kind": "error", "api": "Produce", "code": code, "topic": "bills", "times": 2})
			b.billAll(1)
			if fired := b.get("/faults")[0]["fired"]; fired != 2.0 {
				t.Errorf("fired %v times", fired)
			}
			if bills := b.get("/records?topic=bills"); len(bills) != 1 {
				t.Errorf("billed %v", bills)
			}
		})
	}
}
