using System.Diagnostics.Metrics;
using ActionStream.Host.Web.Live;
using ActionStream.Inference.Serving;
using ActionStream.Unit.Inference;
using Microsoft.Extensions.Logging.Abstractions;

namespace ActionStream.Unit.Host.Web.Live;

public sealed class LiveViewTests
{
    [Fact]
    public void Every_model_is_asked_where_it_looks_also_after_one_that_could_not_tell()
    {
        using var meter = new Meter("test");
        using var view = new LiveView("edge", meter, TimeProvider.System, NullLoggerFactory.Instance);
        using var slot = new ModelSlot(new FakeModel(), TimeProvider.System);
        view.Follow(slot);
        var next = new FakeModel();
        slot.Put(next);
        Assert.Equal(1, next.Asked);
    }
}
