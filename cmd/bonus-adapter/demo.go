package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	bonusadapter "bonus-adapter"
	"bonus-adapter/adapter"
	"bonus-adapter/cmd/bonus-adapter/demo"
	"bonus-adapter/config"
)

const (
	demoKey   = "demo-key"
	demoToken = "demo-token"
)

// demoOptions are the flags of demo.
type demoOptions struct {
	listen string
	crm    string
	admin  string
	live   bool
	how    *logging
	fail   config.Share
}

func runDemo(ctx context.Context, p *program, args []string) error {
	var options demoOptions
	set := p.flags("demo")
	set.StringVar(&options.listen, "listen", "127.0.0.1:8080", "the adapter's `address`")
	set.StringVar(&options.crm, "crm", "", "serve only the CRM, on this `address`, its token from CRM_TOKEN")
	set.StringVar(&options.admin, "admin", "", "open an admin port on this `address`")
	set.BoolVar(&options.live, consoleLive, false, consoleLiveAbout)
	options.how = loggingFlags(set)
	set.Func("fail", "the `share` of the CRM's answers that fail, for example 10%", func(text string) error {
		return options.fail.UnmarshalText([]byte(text))
	})
	if err := parse(set, args, 0); err != nil {
		return err
	}
	if options.crm != "" {
		return p.demoCRM(ctx, options)
	}
	return p.demoBoth(ctx, options)
}

// demoCRM serves the CRM alone, for those who put the adapter elsewhere, as docker-compose.yml does.
func (p *program) demoCRM(ctx context.Context, options demoOptions) error {
	listener, err := net.Listen("tcp", options.crm)
	if err != nil {
		return err
	}
	token, _ := p.getenv("CRM_TOKEN")
	_, _ = fmt.Fprintf(p.out, "the demo CRM listens on http://%s\n", listener.Addr())
	return serveCRM(ctx, listener, demo.Options{Token: firstOf(token, demoToken), Fail: float64(options.fail), Slow: slowCustomer})
}

// slowCustomer is longer than the default budget, so that the customer `slow` shows what a slow CRM looks like.
const slowCustomer = 30 * time.Second

func serveCRM(ctx context.Context, listener net.Listener, options demo.Options) error {
	server := &http.Server{Handler: demo.New(options), ReadHeaderTimeout: 5 * time.Second}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		_ = server.Close()
	}()
	err := server.Serve(listener)
	if errors.Is(err, http.ErrServerClosed) {
		<-stopped
		return nil
	}
	return err
}

func (p *program) demoBoth(ctx context.Context, options demoOptions) error {
	listener, err := net.Listen("tcp", options.listen)
	if err != nil {
		return fmt.Errorf("%w; choose another address with --listen 127.0.0.1:8081", err)
	}
	behind, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	crmCtx, stopCRM := context.WithCancel(context.WithoutCancel(ctx))
	crmDone := make(chan error, 1)
	go func() {
		crmDone <- serveCRM(crmCtx, behind, demo.Options{Token: demoToken, Fail: float64(options.fail), Slow: slowCustomer})
	}()
	err = p.demoAdapter(ctx, listener, options, "http://"+behind.Addr().String()+"/api")
	stopCRM() // only now: the adapter's last requests still need it
	return errors.Join(err, <-crmDone)
}

func (p *program) demoAdapter(ctx context.Context, listener net.Listener, options demoOptions, crmURL string) error {
	values := map[string]string{"IRP_KEY": demoKey, "CRM_URL": crmURL, "CRM_TOKEN": demoToken}
	lookup := environment(func(name string) (string, bool) { value, known := values[name]; return value, known }, p.readFile)
	watch, closeLog := newOperations(p.err, *options.how)
	defer closeLog()
	made, err := p.build("config.yaml", bonusadapter.Config, watch.around(lookup))
	if err != nil {
		return err
	}
	defer made.close(nil)
	watch.started(made)
	watch.console = watch.engine(onlyIf(options.live, lookup))
	at := ports{public: listener}
	if at.admin, err = watch.listenAdmin(firstOf(options.admin, adapter.AdminOff), made.config.Adapter); err != nil {
		_ = listener.Close()
		return err
	}
	p.demoGreeting(at, made.config.Adapter.Path)
	return watch.serveBoth(ctx, at, adapter.NewDoor(made.handler))
}

func (p *program) demoGreeting(at ports, path string) {
	_, _ = fmt.Fprintf(p.out, `A loyalty CRM and the adapter in front of it are running. Ask for a customer's history:

  curl -i http://%s%s -H 'Authorization: Bearer %s' -d '{"userIdentifier":"12345"}'

Other customers to ask for:

`, at.public.Addr(), path, demoKey)
	for _, customer := range demo.Customers() {
		_, _ = fmt.Fprintf(p.out, "  %-8s %s\n", customer.ID, customer.About)
	}
	_, _ = fmt.Fprintf(p.out, `
The header Bonus-History says where an answer comes from, and why it is empty if it is.
The adapter is described by config.yaml alone; here it is the one at the root of the repository.
%s
Each request writes one line below. Stop with Ctrl-C.

`, consoleHint(at.admin))
}
