using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace ActionStream.EndToEnd.Support;

/// <summary>The system's own Chromium, and everything it asked for or complained about.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentQueue<string> _complaints = new();

    private Browser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    public IEnumerable<string> Requests => _requests;

    /// <summary>Errors in its console, and exceptions that nobody caught.</summary>
    public IEnumerable<string> Complaints => _complaints;

    public static async Task<Browser> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "chromium"))
            .First(File.Exists);
        return new(playwright, await playwright.Chromium.LaunchAsync(
            new() { ExecutablePath = program, Args = ["--no-sandbox"], Timeout = 60_000 }));
    }

    public async Task<IPage> OpenAsync(Uri address, bool isPhone = false)
    {
        var context = await _browser.NewContextAsync(new()
        {
            ViewportSize = isPhone ? new() { Width = 390, Height = 844 } : new() { Width = 1280, Height = 800 },
            IsMobile = isPhone,
            HasTouch = isPhone,
        });
        var page = await context.NewPageAsync();
        page.Request += (_, request) => _requests.Enqueue(request.Url);
        page.PageError += (_, error) => _complaints.Enqueue(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                _complaints.Enqueue(message.Text);
            }
        };
        await page.GotoAsync(address.ToString(), new() { Timeout = 60_000, WaitUntil = WaitUntilState.DOMContentLoaded });
        await page.WaitForSelectorAsync("article", new() { Timeout = 60_000 });
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
