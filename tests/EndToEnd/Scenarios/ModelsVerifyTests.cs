using ActionStream.EndToEnd.Support;

namespace ActionStream.EndToEnd.Scenarios;

/// <summary>`models verify` as somebody meets it who has a model and no reference: told in words what else is needed.</summary>
public sealed class ModelsVerifyTests
{
    [Fact]
    public async Task A_folder_alone_cannot_be_verified_and_the_message_says_what_with()
    {
        var folder = Directory.CreateTempSubdirectory("verify");
        try
        {
            var (code, _, all) = await Service.RunAsync(["models", "verify", folder.FullName]);
            Assert.True(code == 2 && all.Contains("--against FILE", StringComparison.Ordinal), all);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
