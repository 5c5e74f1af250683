using ActionStream.Unit.Support;

namespace ActionStream.Unit.Core.Stages;

/// <summary>Every stage of the pipeline keeps what <see cref="ActionStream.Core.Stages.IStage"/> promises.</summary>
public sealed class StageTests
{
    public static TheoryData<string> Stages => ["ingest", "inference", "publish"];

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task It_ends_with_its_input_and_says_so_to_those_behind(string stage)
    {
        await using var rig = Open(stage, blocks: false);
        await StageCompliance.EndsWithItsInputAsync(rig);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task It_reports_how_much_how_much_not_how_long_and_how_full(string stage)
    {
        await using var rig = Open(stage, blocks: false);
        await StageCompliance.ReportsTheFourAsync(rig);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task What_it_drops_it_counts_with_a_reason(string stage)
    {
        await using var rig = Open(stage, blocks: false);
        await StageCompliance.CountsWhatItDropsAsync(rig);
    }

    [Theory]
    [MemberData(nameof(Stages))]
    public async Task Stopped_half_way_it_leaves_nothing_behind_and_nothing_uncounted(string stage)
    {
        await using var rig = Open(stage, blocks: true);
        await StageCompliance.LeavesNothingBehindWhenStoppedAsync(rig);
    }

    [Fact]
    public void No_stage_is_forgotten() => Assert.Equal(
        ["InferenceStage", "IngestStage", "PublishStage"],
        Parts
            .SelectMany(type => type.Assembly.GetTypes())
            .Where(type => type.IsClass && type.IsAssignableTo(typeof(ActionStream.Core.Stages.IStage))).Select(type => type.Name).Order());

    private static Type[] Parts =>
        [typeof(ActionStream.Ingest.IngestStage), typeof(ActionStream.Inference.InferenceStage), typeof(ActionStream.Publish.PublishStage)];

    private static StageRig Open(string stage, bool blocks) => stage switch
    {
        "ingest" => new IngestRig(blocks),
        "inference" => new InferenceRig(blocks),
        _ => new PublishRig(blocks),
    };
}
