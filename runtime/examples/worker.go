// A worker that takes its jobs from the sidecar, a few at once.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

const (
	defaultURL   = "http://127.0.0.1:8383"
	waitSeconds  = 20
	leaseSeconds = 30
	timeout      = 5 * time.Second
	pause        = time.Second
	atOnce       = 2
)

// Job is a message of a queue, for as long as its lease is renewed.
type Job struct {
	ID           string            `json:"id"`
	MessageID    string            `json:"messageId"`
	Body         string            `json:"body"`
	Queue        string            `json:"queue"`
	ReceiveCount int               `json:"receiveCount"`
	Attributes   map[string]string `json:"attributes"`
	LeaseSeconds float64           `json:"leaseSeconds"`
}

// Handler does a job. Its context ends when another worker may have the job, so that what is done is for nothing; `stopping` is
// closed once the task has to end: what isn't done in the stop timeout is given back.
type Handler func(ctx context.Context, stopping <-chan struct{}, job Job) error

type sidecar struct {
	url  string
	http *http.Client
}

// ask returns 0 where nobody answers.
func (s *sidecar) ask(method, path string, said any, answer any) int {
	body, err := json.Marshal(said)
	if err != nil {
		log.Printf("%s %s: %v", method, path, err)
		return 0
	}
	request, err := http.NewRequest(method, s.url+path, bytes.NewReader(body))
	if err != nil {
		log.Printf("%s %s: %v", method, path, err)
		return 0
	}
	response, err := s.http.Do(request)
	if err != nil {
		log.Printf("%v", err)
		return 0
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK && answer != nil {
		err = json.NewDecoder(response.Body).Decode(answer)
	} else {
		_, err = io.Copy(io.Discard, response.Body)
	}
	if err != nil {
		log.Printf("%s %s: %v", method, path, err)
		return 0
	}
	return response.StatusCode
}

func (s *sidecar) say(job Job, verb string, said any, answer any) int {
	return s.ask(http.MethodPost, "/job/"+url.PathEscape(job.ID)+"/"+verb, said, answer)
}

// loop works off jobs until this process is stopped, or the sidecar says that there will be no more.
func (s *sidecar) loop(stopped context.Context, handle Handler) {
	next := fmt.Sprintf("/job?waitSeconds=%d&leaseSeconds=%d", waitSeconds, leaseSeconds)
	for stopped.Err() == nil {
		var job Job
		switch s.ask(http.MethodGet, next, nil, &job) {
		case http.StatusOK:
			s.work(job, handle)
		case http.StatusServiceUnavailable:
			return
		case http.StatusNoContent:
		default:
			select {
			case <-stopped.Done():
			case <-time.After(pause):
			}
		}
	}
}

func (s *sidecar) work(job Job, handle Handler) {
	ctx, lost := context.WithCancel(context.Background())
	defer lost()
	stopping, ended, beaten := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(beaten)
		s.beat(job, ended, stopping, lost)
	}()
	err := handle(ctx, stopping, job)
	close(ended)
	// A heartbeat after the end would be refused.
	<-beaten
	status := 0
	if err == nil {
		status = s.say(job, "done", nil, nil)
	} else {
		status = s.say(job, "failed", map[string]string{"reason": err.Error()}, nil)
	}
	if status != http.StatusOK {
		log.Printf("%s: its end isn't heard: %d", job.MessageID, status)
	}
}

func (s *sidecar) beat(job Job, ended <-chan struct{}, stopping chan<- struct{}, lost func()) {
	ticker := time.NewTicker(time.Duration(job.LeaseSeconds / 3 * float64(time.Second)))
	defer ticker.Stop()
	var tell sync.Once
	for {
		select {
		case <-ended:
			return
		case <-ticker.C:
		}
		var answer struct {
			Stopping bool `json:"stopping"`
		}
		switch s.say(job, "heartbeat", nil, &answer) {
		case http.StatusNotFound, http.StatusConflict, http.StatusGone:
			lost()
			return
		}
		if answer.Stopping {
			tell.Do(func() { close(stopping) })
		}
	}
}

func main() {
	s := &sidecar{url: os.Getenv("SPOTPROOF_SIDECAR_URL"), http: &http.Client{Timeout: waitSeconds*time.Second + timeout}}
	if s.url == "" {
		s.url = defaultURL
	}
	stopped, forget := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer forget()
	// ECS may tell this container to stop before it tells the sidecar.
	context.AfterFunc(stopped, func() { s.ask(http.MethodPost, "/stop", nil, nil) })
	var loops sync.WaitGroup
	for n := 0; n < atOnce; n++ {
		loops.Add(1)
		go func() {
			defer loops.Done()
			s.loop(stopped, send)
		}()
	}
	loops.Wait()
}

func send(_ context.Context, _ <-chan struct{}, job Job) error {
	var mail struct {
		To string `json:"to"`
	}
	if err := json.Unmarshal([]byte(job.Body), &mail); err != nil {
		return err
	}
	if mail.To == "" {
		return fmt.Errorf("%s has no address", job.Body)
	}
	fmt.Printf("{\"kind\":\"sent\",\"to\":%q}\n", mail.To)
	return nil
}
